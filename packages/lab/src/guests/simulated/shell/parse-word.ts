import { Scanner } from './scanner.js';
import type { List, Word, WordPart } from './syntax.js';

/** How nested command substitutions are parsed; given by the command parser. */
export type ParseList = (scanner: Scanner, end: string) => List;

const nameStart = /[A-Za-z_]/;
const specialName = /[@*#?$!0-9-]/;
const operators = [
  ':-',
  ':=',
  ':?',
  ':+',
  '##',
  '%%',
  '//',
  '^^',
  ',,',
  '-',
  '=',
  '?',
  '+',
  '#',
  '%',
  '/',
  '^',
  ',',
  ':',
];

/** Reads one word at the cursor up to an unquoted blank or operator. */
export function parseWord(scanner: Scanner, parseList: ParseList): Word {
  const parts: WordPart[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: false });
    text = '';
  };
  if ((scanner.peek() === '<' || scanner.peek() === '>') && scanner.peek(1) === '(') {
    const direction = scanner.next() === '<' ? '<' : '>';
    scanner.position += 1;
    return { parts: [{ kind: 'process', direction, body: parseList(scanner, ')') }] };
  }
  while (!scanner.atWordEnd) {
    const part = parsePart(scanner, parseList, false);
    if (part === undefined) text += scanner.next();
    else if (part.kind === 'text' && !part.quoted) text += part.text;
    else {
      flush();
      parts.push(part);
    }
  }
  flush();
  return { parts };
}

/** Parses the inside of double quotes or of a here-document: only `$`, backquotes and some backslashes are special. */
export function parseQuotedText(text: string, parseList: ParseList, hereDocument: boolean): Word {
  const scanner = new Scanner(text);
  return { parts: parseQuotedParts(scanner, parseList, hereDocument ? undefined : '"') };
}

function parseQuotedParts(scanner: Scanner, parseList: ParseList, end: string | undefined): WordPart[] {
  const parts: WordPart[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: true });
    text = '';
  };
  for (;;) {
    if (scanner.atEnd) {
      if (end !== undefined) scanner.fail('Syntax error: Unterminated quoted string');
      break;
    }
    const char = scanner.peek();
    if (char === end) {
      scanner.position += 1;
      break;
    }
    if (char === '\\') {
      const following = scanner.peek(1);
      scanner.position += 2;
      if (following === '\n') continue;
      text +=
        following === '$' || following === '`' || following === '\\' || (following === '"' && end === '"')
          ? following
          : `\\${following}`;
      continue;
    }
    if (char === '$' || char === '`') {
      const part = parseDollar(scanner, parseList, true);
      if (part !== undefined) {
        flush();
        parts.push(part);
        continue;
      }
    }
    text += scanner.next();
  }
  flush();
  return parts;
}

function parsePart(scanner: Scanner, parseList: ParseList, inBraces: boolean): WordPart | undefined {
  const char = scanner.peek();
  if (char === '\\') {
    scanner.position += 1;
    if (scanner.peek() === '\n') {
      scanner.position += 1;
      return { kind: 'text', text: '', quoted: false };
    }
    return { kind: 'text', text: scanner.atEnd ? '\\' : scanner.next(), quoted: true };
  }
  if (char === "'" && !inBraces) return { kind: 'text', text: singleQuoted(scanner), quoted: true };
  if (char === '"') {
    scanner.position += 1;
    return { kind: 'quoted', parts: parseQuotedParts(scanner, parseList, '"') };
  }
  if (char === '$' && scanner.peek(1) === "'" && !inBraces) {
    scanner.position += 1;
    return { kind: 'text', text: unescapeAnsi(scanner), quoted: true };
  }
  if (char === '$' || char === '`') return parseDollar(scanner, parseList, false);
  return undefined;
}

function singleQuoted(scanner: Scanner): string {
  const end = scanner.text.indexOf("'", scanner.position + 1);
  if (end < 0) scanner.fail('Syntax error: Unterminated quoted string');
  const text = scanner.text.slice(scanner.position + 1, end);
  scanner.position = end + 1;
  return text;
}

const ansiEscapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
};

function unescapeAnsi(scanner: Scanner): string {
  let text = '';
  scanner.position += 1;
  for (;;) {
    if (scanner.atEnd) scanner.fail('Syntax error: Unterminated quoted string');
    const char = scanner.next();
    if (char === "'") return text;
    if (char !== '\\') {
      text += char;
      continue;
    }
    const letter = scanner.next();
    const hex = letter === 'x' ? /^[0-9a-fA-F]{1,2}/.exec(scanner.text.slice(scanner.position)) : null;
    const octal = /[0-7]/.test(letter) ? /^[0-7]{1,3}/.exec(scanner.text.slice(scanner.position - 1)) : null;
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[0], 16));
      scanner.position += hex[0].length;
    } else if (octal !== null) {
      text += String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff);
      scanner.position += octal[0].length - 1;
    } else text += ansiEscapes[letter] ?? letter;
  }
}

/** Parses `$…` or a backquoted command; `undefined` when the dollar sign is literal. */
function parseDollar(scanner: Scanner, parseList: ParseList, quoted: boolean): WordPart | undefined {
  if (scanner.peek() === '`') return parseBackquotes(scanner, parseList, quoted);
  const following = scanner.peek(1);
  if (scanner.startsWith('$((')) {
    const end = arithmeticEnd(scanner.text, scanner.position + 3);
    if (end !== undefined) {
      const source = scanner.text.slice(scanner.position + 3, end);
      scanner.position = end + 2;
      return { kind: 'arithmetic', expression: parseQuotedText(source, parseList, true) };
    }
  }
  if (following === '(') {
    scanner.position += 2;
    const body = parseList(scanner, ')');
    return { kind: 'command', body };
  }
  if (following === '{') {
    scanner.position += 2;
    return parseBraced(scanner, parseList);
  }
  if (nameStart.test(following)) {
    scanner.position += 1;
    return { kind: 'parameter', name: readName(scanner) };
  }
  if (specialName.test(following)) {
    scanner.position += 2;
    return { kind: 'parameter', name: following };
  }
  return undefined;
}

function parseBackquotes(scanner: Scanner, parseList: ParseList, quoted: boolean): WordPart {
  scanner.position += 1;
  let source = '';
  for (;;) {
    if (scanner.atEnd) scanner.fail('Syntax error: EOF in backquote substitution');
    const char = scanner.next();
    if (char === '`') break;
    if (char === '\\' && (/[$`\\]/.test(scanner.peek()) || (quoted && scanner.peek() === '"')))
      source += scanner.next();
    else source += char;
  }
  return { kind: 'command', body: parseList(new Scanner(source, scanner.line), '') };
}

/** The position of the `))` that closes an arithmetic expression, or `undefined` if it is a nested subshell. */
export function arithmeticEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (char === '(') depth += 1;
    else if (char === ')') {
      if (depth > 0) depth -= 1;
      else return text[index + 1] === ')' ? index : undefined;
    }
  }
  return undefined;
}

function readName(scanner: Scanner): string {
  const match = /^[A-Za-z_][A-Za-z0-9_]*/.exec(scanner.text.slice(scanner.position, scanner.position + 256));
  const name = match?.[0] ?? '';
  scanner.position += name.length;
  return name;
}

function parseBraced(scanner: Scanner, parseList: ParseList): WordPart {
  let length = false;
  let indirect = false;
  if (scanner.peek() === '#' && scanner.peek(1) !== '}' && !/[-:%#]/.test(scanner.peek(1))) {
    length = true;
    scanner.position += 1;
  } else if (scanner.peek() === '!' && nameStart.test(scanner.peek(1))) {
    indirect = true;
    scanner.position += 1;
  }
  let name = readName(scanner);
  if (name === '') {
    const digits = /^([0-9]+|[@*#?$!-])/.exec(scanner.text.slice(scanner.position, scanner.position + 16));
    if (digits === null) scanner.fail('Bad substitution');
    name = digits[0];
    scanner.position += name.length;
  }
  let index: Word | undefined;
  if (scanner.peek() === '[') {
    scanner.position += 1;
    index = bracedArgument(scanner, parseList, ']');
    scanner.position += 1;
  }
  const part = {
    kind: 'parameter' as const,
    name,
    ...(index && { index }),
    ...(length && { length }),
    ...(indirect && { indirect }),
  };
  if (scanner.peek() === '}') {
    scanner.position += 1;
    return part;
  }
  const operator = operators.find((candidate) => scanner.startsWith(candidate));
  if (operator === undefined || length) scanner.fail('Bad substitution');
  scanner.position += operator.length;
  const twofold = operator === '/' || operator === '//' || operator === ':';
  const argument = bracedArgument(scanner, parseList, twofold ? (operator === ':' ? ':}' : '/}') : '}');
  let second: Word | undefined;
  if (scanner.peek() !== '}') {
    scanner.position += 1;
    second = bracedArgument(scanner, parseList, '}');
  }
  scanner.position += 1;
  return { ...part, operator, argument, ...(second && { second }) };
}

/** The argument inside `${…}` up to one of `ends`, which stays unread. */
function bracedArgument(scanner: Scanner, parseList: ParseList, ends: string): Word {
  const parts: WordPart[] = [];
  let text = '';
  for (;;) {
    if (scanner.atEnd) scanner.fail('Syntax error: Missing }');
    if (ends.includes(scanner.peek())) break;
    const part = parsePart(scanner, parseList, false);
    if (part === undefined) {
      text += scanner.next();
      continue;
    }
    if (text !== '') parts.push({ kind: 'text', text, quoted: false });
    text = '';
    parts.push(part);
  }
  if (text !== '') parts.push({ kind: 'text', text, quoted: false });
  return { parts };
}

/** The literal text of a word that has no expansions, with quotes removed; `undefined` otherwise. */
export function literalText(word: Word): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'quoted') {
      const inner = literalText({ parts: part.parts });
      if (inner === undefined) return undefined;
      text += inner;
    } else return undefined;
  }
  return text;
}

/** The text of a word that consists of one unquoted literal, such as a keyword; `undefined` otherwise. */
export function bareText(word: Word): string | undefined {
  const part = word.parts[0];
  return word.parts.length === 1 && part?.kind === 'text' && !part.quoted ? part.text : undefined;
}
