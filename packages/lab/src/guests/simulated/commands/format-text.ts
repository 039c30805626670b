const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  e: '\x1b',
};

function unescapeText(text: string): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] !== '\\') {
      result += text[index];
      continue;
    }
    const rest = text.slice(index + 1);
    const octal = /^0?[0-7]{1,3}/.exec(rest);
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    if (rest.startsWith('c')) return result;
    if (octal !== null) {
      result += String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff);
      index += octal[0].length;
    } else if (hex !== null) {
      result += String.fromCharCode(Number.parseInt(hex[1] ?? '0', 16));
      index += hex[0].length;
    } else if (rest !== '' && simpleEscapes[rest[0] ?? ''] !== undefined) {
      result += simpleEscapes[rest[0] ?? ''];
      index += 1;
    } else result += '\\';
  }
  return result;
}

/** What `printf` prints: the format is used again while arguments remain. */
export function textOfFormat(format: string, values: readonly string[]): string {
  const rest = [...values];
  let text = '';
  do {
    const before = rest.length;
    text += formatOnce(format, rest);
    if (rest.length === before) break;
  } while (rest.length > 0);
  return text;
}

textOfFormat.unescape = unescapeText;

function formatOnce(format: string, values: string[]): string {
  return format.replace(
    /%%|%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z])|\\(?:0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])|[^%\\]+|[%\\]/g,
    (
      match,
      flags: string | undefined,
      width: string | undefined,
      precision: string | undefined,
      kind: string | undefined,
    ) => {
      if (match === '%%') return '%';
      if (match.startsWith('\\')) return unescapeText(match);
      if (kind === undefined) return match;
      const columns = width === '*' ? Number(values.shift() ?? 0) : Number(width ?? 0);
      const digits =
        precision === '*'
          ? Number(values.shift() ?? 0)
          : precision === undefined
            ? undefined
            : Number(precision);
      return pad(convert(kind, values.shift() ?? '', digits, flags ?? ''), columns, flags ?? '', kind);
    },
  );
}

function convert(kind: string, value: string, precision: number | undefined, flags: string): string {
  const number = /^['"]/.test(value) ? value.charCodeAt(1) : value === '' ? 0 : Number(value);
  const sign = flags.includes('+') && number >= 0 ? '+' : '';
  switch (kind) {
    case 's':
      return precision === undefined ? value : value.slice(0, precision);
    case 'b':
      return unescapeText(value);
    case 'q':
      return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
    case 'c':
      return value.slice(0, 1);
    case 'd':
    case 'i':
    case 'u':
      return (
        sign +
        Math.trunc(Number.isNaN(number) ? 0 : number)
          .toString()
          .padStart(precision ?? 0, '0')
      );
    case 'x':
      return Math.trunc(number)
        .toString(16)
        .padStart(precision ?? 0, '0');
    case 'X':
      return Math.trunc(number)
        .toString(16)
        .toUpperCase()
        .padStart(precision ?? 0, '0');
    case 'o':
      return Math.trunc(number)
        .toString(8)
        .padStart(precision ?? 0, '0');
    case 'f':
    case 'F':
      return sign + number.toFixed(precision ?? 6);
    case 'e':
      return number.toExponential(precision ?? 6);
    case 'g':
      return String(number);
    default:
      return value;
  }
}

function pad(text: string, width: number, flags: string, kind: string): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  return flags.includes('0') && kind !== 's' ? text.padStart(width, '0') : text.padStart(width);
}
