import { literalText, type ParseList, parseWord } from './parse-word.js';
import type { Scanner } from './scanner.js';
import type { Condition, Word, WordPart } from './syntax.js';

const unary = /^-[a-zA-Z]$/;
const binary = new Set([
  '=',
  '==',
  '!=',
  '=~',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
]);

/** Parses `[[ … ]]` at the cursor. */
export function parseCondition(scanner: Scanner, parseList: ParseList): Condition {
  scanner.position += 2;
  const condition = parseOr(scanner, parseList);
  scanner.skipLines();
  if (!scanner.startsWith(']]')) scanner.fail('Syntax error: "]]" expected');
  scanner.position += 2;
  return condition;
}

function parseOr(scanner: Scanner, parseList: ParseList): Condition {
  let left = parseAnd(scanner, parseList);
  for (;;) {
    scanner.skipLines();
    if (!scanner.startsWith('||')) return left;
    scanner.position += 2;
    left = { kind: 'or', left, right: parseAnd(scanner, parseList) };
  }
}

function parseAnd(scanner: Scanner, parseList: ParseList): Condition {
  let left = parseTerm(scanner, parseList);
  for (;;) {
    scanner.skipLines();
    if (!scanner.startsWith('&&')) return left;
    scanner.position += 2;
    left = { kind: 'and', left, right: parseTerm(scanner, parseList) };
  }
}

function parseTerm(scanner: Scanner, parseList: ParseList): Condition {
  scanner.skipLines();
  if (scanner.peek() === '!' && /\s/.test(scanner.peek(1))) {
    scanner.position += 1;
    return { kind: 'not', of: parseTerm(scanner, parseList) };
  }
  if (scanner.peek() === '(') {
    scanner.position += 1;
    const inner = parseOr(scanner, parseList);
    scanner.skipLines();
    if (scanner.next() !== ')') scanner.fail('Syntax error: ")" expected');
    return inner;
  }
  const first = parseWord(scanner, parseList);
  scanner.skipBlanks();
  const operator = literalText(first);
  if (
    operator !== undefined &&
    unary.test(operator) &&
    !scanner.startsWith(']]') &&
    !/^[=!]/.test(scanner.peek())
  ) {
    return { kind: 'unary', operator, operand: parseWord(scanner, parseList) };
  }
  const symbol = /^(==|=~|!=|=|<|>|-[a-z]{2}(?=\s))/.exec(
    scanner.text.slice(scanner.position, scanner.position + 4),
  )?.[0];
  if (symbol === undefined || !binary.has(symbol)) return { kind: 'unary', operator: '-n', operand: first };
  scanner.position += symbol.length;
  scanner.skipBlanks();
  const right = symbol === '=~' ? parsePatternWord(scanner, parseList) : parseWord(scanner, parseList);
  return { kind: 'binary', operator: symbol, left: first, right };
}

/** A regular expression: parentheses, bars and angle brackets belong to it. */
function parsePatternWord(scanner: Scanner, parseList: ParseList): Word {
  const parts: WordPart[] = [];
  let depth = 0;
  while (!scanner.atEnd) {
    const char = scanner.peek();
    if (depth === 0 && /[\s&]/.test(char)) break;
    if (depth > 0 && char === '\n') break;
    if (/[()|<>;&\s]/.test(char)) {
      if (char === '(') depth += 1;
      if (char === ')') {
        if (depth === 0) break;
        depth -= 1;
      }
      parts.push({ kind: 'text', text: scanner.next(), quoted: false });
      continue;
    }
    parts.push(...parseWord(scanner, parseList).parts);
  }
  return { parts };
}
