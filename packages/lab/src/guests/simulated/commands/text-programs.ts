import { createHash } from 'node:crypto';
import { FileError } from '../files/file-node.js';
import type { Process, Program } from '../system/process.js';
import { textOfFormat } from './format-text.js';
import { parseOptions } from './options.js';
import { linesOf, readOperands } from './read-operands.js';

const cat: Program = async (process, args) => {
  const { operands, flags } = parseOptions(args);
  if (operands.length === 0 || (operands.length === 1 && operands[0] === '-')) {
    for (let piece = await process.read(); piece !== undefined; piece = await process.read())
      await process.out(piece);
    return 0;
  }
  const { parts, failed } = await readOperands(process, operands);
  let number = 0;
  for (const { text } of parts) {
    await process.out(
      flags.has('n')
        ? linesOf(text)
            .map((line) => `${String(++number).padStart(6)}\t${line}\n`)
            .join('')
        : text,
    );
  }
  return failed ? 1 : 0;
};

const head: Program = async (process, args) => {
  const legacy = /^-(\d+)$/.exec(args[0] ?? '')?.[1];
  const { values, operands, flags } = parseOptions(legacy === undefined ? args : args.slice(1), [
    'n',
    'c',
    'lines',
    'bytes',
  ]);
  const bytes = values.get('c') ?? values.get('bytes');
  const count = values.get('n') ?? values.get('lines') ?? legacy ?? '10';
  if (operands.length === 0 && bytes !== undefined && !bytes.startsWith('-')) {
    let left = sizeText(bytes);
    while (left > 0) {
      const piece = await process.read(left);
      if (piece === undefined) break;
      left -= piece.length;
      await process.out(piece);
    }
    return 0;
  }
  if (operands.length === 0 && bytes === undefined && !count.startsWith('-'))
    return headLines(process, Number(count));
  const { parts, failed } = await readOperands(process, operands);
  for (const { name, text } of parts) {
    if (parts.length > 1 && !flags.has('q')) await process.out(`==> ${name} <==\n`);
    if (bytes !== undefined)
      await process.out(
        bytes.startsWith('-') ? text.slice(0, -sizeText(bytes.slice(1))) : text.slice(0, sizeText(bytes)),
      );
    else {
      const lines = linesOf(text);
      const shown = count.startsWith('-')
        ? lines.slice(0, Math.max(0, lines.length + Number(count)))
        : lines.slice(0, Number(count));
      if (shown.length > 0)
        await process.out(
          `${shown.join('\n')}${shown.length < lines.length || text.endsWith('\n') ? '\n' : ''}`,
        );
    }
  }
  return failed ? 1 : 0;
};

async function headLines(process: Process, count: number): Promise<number> {
  let left = count;
  while (left > 0) {
    const piece = await process.read();
    if (piece === undefined) break;
    let end = 0;
    while (left > 0) {
      const newline = piece.indexOf('\n', end);
      if (newline < 0) {
        end = piece.length;
        break;
      }
      end = newline + 1;
      left -= 1;
    }
    await process.out(piece.slice(0, end));
  }
  return 0;
}

function sizeText(text: string): number {
  const match = /^\+?(\d+)([kKMG])?/.exec(text);
  const units: Readonly<Record<string, number>> = { k: 1024, K: 1024, M: 2 ** 20, G: 2 ** 30 };
  return Number(match?.[1] ?? 0) * (units[match?.[2] ?? ''] ?? 1);
}

const tail: Program = async (process, args) => {
  const legacy = /^-(\d+)$/.exec(args[0] ?? '')?.[1];
  const { values, operands, flags } = parseOptions(legacy === undefined ? args : args.slice(1), [
    'n',
    'c',
    'lines',
    'bytes',
    's',
    'pid',
  ]);
  const bytes = values.get('c') ?? values.get('bytes');
  const count = values.get('n') ?? values.get('lines') ?? legacy ?? '10';
  const { parts, failed } = await readOperands(process, operands);
  for (const { name, text } of parts) {
    if (parts.length > 1 && !flags.has('q')) await process.out(`==> ${name} <==\n`);
    if (bytes !== undefined) {
      await process.out(
        bytes.startsWith('+')
          ? text.slice(Math.max(0, sizeText(bytes) - 1))
          : sizeText(bytes.replace('-', '')) === 0
            ? ''
            : text.slice(-sizeText(bytes.replace('-', ''))),
      );
      continue;
    }
    const lines = linesOf(text);
    const shown = count.startsWith('+')
      ? lines.slice(Math.max(0, Number(count) - 1))
      : lines.slice(Math.max(0, lines.length - Math.abs(Number(count))));
    if (shown.length > 0) await process.out(shown.join('\n') + (text.endsWith('\n') ? '\n' : ''));
  }
  if (flags.has('f') || flags.has('F') || flags.has('follow'))
    await follow(process, operands[0] ?? '', parts[0]?.text.length ?? 0);
  return failed ? 1 : 0;
};

async function follow(process: Process, name: string, from: number): Promise<void> {
  let offset = from;
  for (;;) {
    await process.sleep(1000);
    const text = process.files.readIfThere(process.path(name)) ?? '';
    if (text.length > offset) await process.out(text.slice(offset));
    offset = text.length;
  }
}

const wc: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const { parts, failed } = await readOperands(process, operands);
  const all = flags.size === 0;
  for (const { name, text } of parts) {
    const counts: number[] = [];
    if (all || flags.has('l') || flags.has('lines')) counts.push(text.split('\n').length - 1);
    if (all || flags.has('w')) counts.push(text.split(/\s+/).filter((word) => word !== '').length);
    if (all || flags.has('c') || flags.has('bytes')) counts.push(text.length);
    if (flags.has('m')) counts.push(Buffer.from(text, 'latin1').toString('utf8').length);
    const line =
      counts.length === 1 && name === '-'
        ? String(counts[0])
        : counts.map((count) => String(count).padStart(counts.length > 1 ? 7 : 0)).join(' ');
    await process.out(`${line}${name === '-' ? '' : ` ${name}`}\n`);
  }
  return failed ? 1 : 0;
};

/** The positions that a list such as `1,3-5` selects. */
function selector(list: string): (position: number) => boolean {
  const ranges = list.split(',').map((part) => {
    const [from = '', to] = part.split('-');
    return [
      from === '' ? 1 : Number(from),
      to === undefined ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to),
    ] as const;
  });
  return (position) => ranges.some(([from, to]) => position >= from && position <= to);
}

const cut: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, [
    'd',
    'f',
    'c',
    'b',
    'delimiter',
    'fields',
    'output-delimiter',
    'characters',
  ]);
  const { parts, failed } = await readOperands(process, operands);
  const delimiter = values.get('d') ?? values.get('delimiter') ?? '\t';
  const fields = values.get('f') ?? values.get('fields');
  const select = selector(fields ?? values.get('c') ?? values.get('b') ?? values.get('characters') ?? '1-');
  for (const line of parts.flatMap(({ text }) => linesOf(text))) {
    if (fields === undefined)
      await process.out(`${[...line].filter((_char, index) => select(index + 1)).join('')}\n`);
    else if (!line.includes(delimiter)) {
      if (!flags.has('s')) await process.out(`${line}\n`);
    } else
      await process.out(
        `${line
          .split(delimiter)
          .filter((_field, index) => select(index + 1))
          .join(values.get('output-delimiter') ?? delimiter)}\n`,
      );
  }
  return failed ? 1 : 0;
};

const sort: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['k', 't', 'o', 'key', 'field-separator', 'output']);
  const { parts, failed } = await readOperands(process, operands);
  const keySpec = values.get('k') ?? values.get('key');
  const separator = values.get('t') ?? values.get('field-separator');
  const numeric = flags.has('n') || flags.has('h') || /n/.test(keySpec ?? '');
  const version = flags.has('V');
  const keyOf = (line: string) => {
    if (keySpec === undefined) return line;
    const fields = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
    const [from = '1', to] = keySpec.replace(/[a-zA-Z]/g, '').split(',');
    return fields
      .slice(Number(from.split('.')[0]) - 1, to === undefined ? undefined : Number(to.split('.')[0]))
      .join(separator ?? ' ');
  };
  const compare = (left: string, right: string) => {
    const [a, b] = [keyOf(left), keyOf(right)];
    if (numeric)
      return Number.parseFloat(a || '0') - Number.parseFloat(b || '0') || (a < b ? -1 : a > b ? 1 : 0);
    if (version) return a.localeCompare(b, 'en', { numeric: true });
    if (flags.has('f')) return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  let lines = parts.flatMap(({ text }) => linesOf(text)).sort(compare);
  if (flags.has('r') || /r/.test(keySpec ?? '')) lines.reverse();
  if (flags.has('u'))
    lines = lines.filter((line, index) => index === 0 || keyOf(line) !== keyOf(lines[index - 1] ?? ''));
  const text = lines.map((line) => `${line}\n`).join('');
  const output = values.get('o') ?? values.get('output');
  if (output !== undefined) process.files.write(process.path(output), text);
  else await process.out(text);
  return failed ? 2 : 0;
};

const uniq: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const { parts } = await readOperands(process, operands.slice(0, 1));
  const groups: { line: string; count: number }[] = [];
  for (const line of linesOf(parts[0]?.text ?? '')) {
    const last = groups.at(-1);
    const same =
      last !== undefined &&
      (flags.has('i') ? last.line.toLowerCase() === line.toLowerCase() : last.line === line);
    if (same) last.count += 1;
    else groups.push({ line, count: 1 });
  }
  const shown = groups.filter(({ count }) =>
    flags.has('d') ? count > 1 : flags.has('u') ? count === 1 : true,
  );
  await process.out(
    shown
      .map(({ line, count }) => `${flags.has('c') ? `${String(count).padStart(7)} ` : ''}${line}\n`)
      .join(''),
  );
  return 0;
};

/** The characters that a set of `tr` names. */
function expandSet(set: string): string {
  const classes: Readonly<Record<string, string>> = {
    lower: 'abcdefghijklmnopqrstuvwxyz',
    upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    digit: '0123456789',
    space: ' \t\n\r\f\v',
    blank: ' \t',
    alpha: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    alnum: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  };
  let text = set.replace(/\[:([a-z]+):\]/g, (_match, name: string) => classes[name] ?? '');
  text = textOfFormat.unescape(text);
  return text.replace(/([\s\S])-([\s\S])/g, (match, from: string, to: string) => {
    if (from.charCodeAt(0) > to.charCodeAt(0)) return match;
    let range = '';
    for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1)
      range += String.fromCharCode(code);
    return range;
  });
}

const tr: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const first = expandSet(operands[0] ?? '');
  const second = expandSet(operands[1] ?? '');
  const complement = flags.has('c') || flags.has('C');
  const inFirst = (char: string) => first.includes(char) !== complement;
  const squeezed = flags.has('s')
    ? operands.length > 1 && !flags.has('d')
      ? second
      : flags.has('d')
        ? second
        : undefined
    : '';
  const text = await process.input();
  let result = '';
  for (const char of text) {
    let out = char;
    if (inFirst(char)) {
      if (flags.has('d')) continue;
      if (second !== '')
        out = complement
          ? (second.at(-1) ?? char)
          : (second[Math.min(first.indexOf(char), second.length - 1)] ?? char);
    }
    if (
      flags.has('s') &&
      result.endsWith(out) &&
      (squeezed === undefined ? inFirst(out) : squeezed.includes(out))
    )
      continue;
    result += out;
  }
  await process.out(result);
  return 0;
};

const tee: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  let code = 0;
  const paths: string[] = [];
  for (const name of operands) {
    try {
      const path = process.path(name);
      process.machine.checkAccess(process, path, 'write');
      process.files.write(path, '', {
        append: flags.has('a') || flags.has('append'),
        uid: process.uid,
        gid: process.gid,
      });
      paths.push(path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      code = await process.fail(`${name}: ${error.message}`);
    }
  }
  for (let piece = await process.read(); piece !== undefined; piece = await process.read()) {
    for (const path of paths) process.files.write(path, piece, { append: true });
    await process.out(piece);
  }
  return code;
};

const echo: Program = async (process, args) => {
  const plain = args[0] === '-n' ? args.slice(1) : args;
  await process.out(plain.join(' ') + (args[0] === '-n' ? '' : '\n'));
  return 0;
};

const printf: Program = async (process, args) => {
  const [format = '', ...values] = args;
  await process.out(textOfFormat(format, values));
  return 0;
};

const yes: Program = async (process, args) => {
  const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`;
  const block = line.repeat(Math.max(1, Math.floor(65_536 / line.length)));
  for (;;) {
    await process.out(block);
    await process.machine.breathe();
  }
};

const seq: Program = async (process, args) => {
  const { values, operands } = parseOptions(
    args.map((arg) => (/^-\d/.test(arg) ? ` ${arg}` : arg)),
    ['s', 'f'],
  );
  const numbers = operands.map((operand) => Number(operand.trim()));
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0] ?? 0]
      : numbers.length === 2
        ? [numbers[0] ?? 1, 1, numbers[1] ?? 0]
        : [numbers[0] ?? 1, numbers[1] ?? 1, numbers[2] ?? 0];
  const lines: string[] = [];
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) lines.push(String(value));
  if (lines.length > 0) await process.out(`${lines.join(values.get('s') ?? '\n')}\n`);
  return 0;
};

const basename: Program = async (process, args) => {
  const { operands, values } = parseOptions(args, ['s']);
  const strip = (path: string, suffix: string | undefined) => {
    const name = path.replace(/\/+$/, '').replace(/^.*\//, '') || '/';
    return suffix !== undefined && name.endsWith(suffix) && name !== suffix
      ? name.slice(0, -suffix.length)
      : name;
  };
  await process.out(`${strip(operands[0] ?? '', values.get('s') ?? operands[1])}\n`);
  return 0;
};

const dirname: Program = async (process, args) => {
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/');
    await process.out(
      `${slash < 0 ? (path.startsWith('/') ? '/' : '.') : slash === 0 ? '/' : trimmed.slice(0, slash)}\n`,
    );
  }
  return 0;
};

const base64: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['w', 'wrap']);
  const { parts, failed } = await readOperands(process, operands.slice(0, 1));
  const text = parts[0]?.text ?? '';
  if (flags.has('d') || flags.has('decode') || flags.has('D')) {
    if (/[^A-Za-z0-9+/=\s]/.test(text) && !flags.has('i')) {
      await process.err('base64: invalid input\n');
      return 1;
    }
    await process.out(Buffer.from(text, 'base64').toString('latin1'));
    return failed ? 1 : 0;
  }
  const encoded = Buffer.from(text, 'latin1').toString('base64');
  const width = Number(values.get('w') ?? values.get('wrap') ?? 76);
  await process.out(width === 0 ? encoded : encoded.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n'));
  return failed ? 1 : 0;
};

const checksum =
  (algorithm: string): Program =>
  async (process, args) => {
    const { flags, operands } = parseOptions(args);
    const sum = (text: string) => createHash(algorithm).update(text, 'latin1').digest('hex');
    const { parts, failed } = await readOperands(process, operands);
    if (!flags.has('c') && !flags.has('check')) {
      for (const { name, text } of parts) await process.out(`${sum(text)}  ${name}\n`);
      return failed ? 1 : 0;
    }
    let bad = 0;
    for (const line of parts.flatMap(({ text }) => linesOf(text))) {
      const match = /^([0-9a-f]+) [ *](.+)$/.exec(line);
      if (match === null) continue;
      const name = match[2] ?? '';
      const text = process.files.readIfThere(process.path(name));
      const ok = text !== undefined && sum(text) === match[1];
      if (!ok) bad += 1;
      if (!ok || !(flags.has('quiet') || flags.has('status')))
        await process.out(`${name}: ${ok ? 'OK' : 'FAILED'}\n`);
    }
    if (bad > 0) await process.err(`${process.name}: WARNING: ${bad} computed checksum did NOT match\n`);
    return bad > 0 ? 1 : 0;
  };

const rev: Program = async (process) => {
  await process.out(
    linesOf(await process.input())
      .map((line) => `${[...line].reverse().join('')}\n`)
      .join(''),
  );
  return 0;
};

const tac: Program = async (process, args) => {
  const { parts } = await readOperands(process, parseOptions(args).operands);
  await process.out(
    parts
      .flatMap(({ text }) => linesOf(text))
      .reverse()
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
};

const nl: Program = async (process, args) => {
  const { parts } = await readOperands(process, parseOptions(args, ['b', 'w', 's']).operands);
  let number = 0;
  await process.out(
    parts
      .flatMap(({ text }) => linesOf(text))
      .map((line) => (line === '' ? '\n' : `${String(++number).padStart(6)}\t${line}\n`))
      .join(''),
  );
  return 0;
};

const paste: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['d']);
  const { parts } = await readOperands(process, operands);
  const delimiter = textOfFormat.unescape(values.get('d') ?? '\t');
  const columns = parts.map(({ text }) => linesOf(text));
  if (flags.has('s')) await process.out(columns.map((lines) => `${lines.join(delimiter)}\n`).join(''));
  else {
    const rows = Math.max(0, ...columns.map((lines) => lines.length));
    for (let row = 0; row < rows; row += 1)
      await process.out(`${columns.map((lines) => lines[row] ?? '').join(delimiter)}\n`);
  }
  return 0;
};

const cmp: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const { parts, failed } = await readOperands(process, operands.slice(0, 2));
  if (failed) return 2;
  const same = parts[0]?.text === parts[1]?.text;
  if (!same && !flags.has('s') && !flags.has('q')) {
    if (process.name === 'diff') {
      await process.out(
        linesOf(parts[0]?.text ?? '')
          .map((line) => `< ${line}\n`)
          .join(''),
      );
      await process.out(
        `---\n${linesOf(parts[1]?.text ?? '')
          .map((line) => `> ${line}\n`)
          .join('')}`,
      );
    } else await process.out(`${operands[0]} ${operands[1]} differ: char 1, line 1\n`);
  } else if (!same && flags.has('q')) await process.out(`Files ${operands[0]} and ${operands[1]} differ\n`);
  return same ? 0 : 1;
};

const od: Program = async (process, args) => {
  const { operands } = parseOptions(args, ['A', 't', 'N', 'j', 'w']);
  const { parts } = await readOperands(process, operands);
  const hex = Buffer.from(parts.map(({ text }) => text).join(''), 'latin1').toString('hex');
  await process.out(
    `${(hex.match(/.{1,32}/g) ?? []).map((line) => ` ${line.replace(/../g, '$& ').trim()}`).join('\n')}\n`,
  );
  return 0;
};

/** Programs that read and write text. */
export const textPrograms: Readonly<Record<string, Program>> = {
  cat,
  head,
  tail,
  wc,
  cut,
  sort,
  uniq,
  tr,
  tee,
  echo,
  printf,
  yes,
  seq,
  basename,
  dirname,
  base64,
  md5sum: checksum('md5'),
  sha1sum: checksum('sha1'),
  sha256sum: checksum('sha256'),
  sha512sum: checksum('sha512'),
  rev,
  tac,
  nl,
  paste,
  cmp,
  diff: cmp,
  od,
  hexdump: od,
};
