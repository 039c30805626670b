/**
 * Turns a shell pattern into a regular expression. In the pattern, a backslash quotes the next character.
 *
 * @param mode `whole` must match everything; `prefix` and `suffix` are for `${x#…}` and `${x%…}`.
 */
export function patternToRegExp(
  pattern: string,
  options: { greedy?: boolean; anchors?: 'whole' | 'prefix' | 'suffix' | 'none'; path?: boolean } = {},
): RegExp {
  const { anchors = 'whole', greedy = true, path = false } = options;
  const any = path ? '[^/]' : '[\\s\\S]';
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index] ?? '';
    if (char === '\\') {
      index += 1;
      source += escapeChar(pattern[index] ?? '\\');
    } else if (char === '*') source += `${any}*${greedy ? '' : '?'}`;
    else if (char === '?') source += any;
    else if (char === '[') {
      const set = bracketSet(pattern, index);
      if (set === undefined) source += '\\[';
      else {
        source += set.source;
        index = set.end;
      }
    } else source += escapeChar(char);
  }
  const start = anchors === 'whole' || anchors === 'prefix' ? '^' : '';
  const end = anchors === 'whole' || anchors === 'suffix' ? '$' : '';
  return new RegExp(`${start}(?:${source})${end}`);
}

const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
};

/** The regular expression for a POSIX bracket expression at `start`, and where it ends; undefined when it does not. */
export function bracketSet(pattern: string, start: number): { source: string; end: number } | undefined {
  let index = start + 1;
  let source = '[';
  if (pattern[index] === '!' || pattern[index] === '^') {
    source += '^';
    index += 1;
  }
  for (let first = true; index < pattern.length; first = false) {
    const char = pattern[index] ?? '';
    if (char === ']' && !first)
      return { source: source === '[' || source === '[^' ? '(?!)' : `${source}]`, end: index };
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(index));
    if (named !== null) {
      source += classes[named[1] ?? ''] ?? '';
      index += named[0].length;
      continue;
    }
    if (char === '\\') {
      index += 1;
      source += pattern[index] === '-' ? '\\-' : escapeInSet(pattern[index] ?? '');
    } else source += char === '-' ? '-' : escapeInSet(char);
    index += 1;
  }
  return undefined;
}

function escapeChar(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function escapeInSet(char: string): string {
  return /[\\\]^[]/.test(char) ? `\\${char}` : char;
}

/** Has the pattern anything to match with? */
export function isPattern(pattern: string): boolean {
  return /(^|[^\\])(\\\\)*[*?[]/.test(pattern);
}

/** The pattern with its backslashes taken away. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\([\s\S])/g, '$1');
}
