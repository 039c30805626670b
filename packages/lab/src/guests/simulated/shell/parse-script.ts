import { parseCondition } from './parse-condition.js';
import { arithmeticEnd, bareText, literalText, parseQuotedText, parseWord } from './parse-word.js';
import { Scanner } from './scanner.js';
import type { AndOr, Assignment, CaseArm, Command, List, Pipeline, Redirection, Word } from './syntax.js';

const reserved = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
]);
const redirectionOperators = [
  '&>>',
  '<<<',
  '&>',
  '<<-',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '<',
  '>',
] as const;

/**
 * Parses a shell script: POSIX, and of bash what scripts use most (`[[`, `((`, `<<<`, `&>`, `function`, arrays).
 *
 * @param text The script as a byte string.
 * @throws {ScriptError} with the text and line that `sh` prints for a syntax error.
 */
export function parseScript(text: string): List {
  const scanner = new Scanner(text);
  const list = parseList(scanner, '');
  scanner.readHereDocuments();
  return list;
}

/** Parses commands up to `end` (`)` of a substitution, or the end of the text), which is consumed. */
export function parseList(scanner: Scanner, end: string): List {
  const list = parseCommands(scanner, new Set(end === '' ? [] : [end]));
  if (end === '') {
    if (!scanner.atEnd) unexpected(scanner);
  } else if (scanner.peek() === end) scanner.position += 1;
  else unexpected(scanner);
  return list;
}

function unexpected(scanner: Scanner): never {
  if (scanner.atEnd) scanner.fail('Syntax error: end of file unexpected');
  const rest = scanner.text.slice(scanner.position);
  if (rest.startsWith('\n')) scanner.fail('Syntax error: newline unexpected');
  const token = /^(;;|&&|\|\||[;&|()<>]|[^\s;&|()<>]+)/.exec(rest)?.[0] ?? rest.slice(0, 1);
  scanner.fail(
    /^[;&|()<>]/.test(token) ? `Syntax error: "${token}" unexpected` : `Syntax error: "${token}" unexpected`,
  );
}

/** The keyword at the cursor, if it stands as a word of its own. */
function keywordAt(scanner: Scanner): string | undefined {
  const match = /^([a-z]+|[{}!])(?=[\s;&|()<>]|$)/.exec(
    scanner.text.slice(scanner.position, scanner.position + 8),
  );
  return match?.[1];
}

function parseCommands(scanner: Scanner, ends: ReadonlySet<string>): List {
  const items: AndOr[] = [];
  for (;;) {
    scanner.skipLines();
    if (scanner.atEnd) break;
    if (ends.has(scanner.peek()) || ends.has(keywordAt(scanner) ?? '')) break;
    if (scanner.startsWith(';;') && ends.has(';;')) break;
    const item = parseAndOr(scanner);
    scanner.skipBlanks();
    let background = false;
    if (scanner.peek() === '&' && scanner.peek(1) !== '&') {
      background = true;
      scanner.position += 1;
    } else if (scanner.peek() === ';' && scanner.peek(1) !== ';') scanner.position += 1;
    items.push({ ...item, background });
    scanner.skipBlanks();
    if (scanner.atEnd) break;
    if (scanner.peek() === '\n' || ends.has(scanner.peek()) || ends.has(keywordAt(scanner) ?? '')) continue;
    if (scanner.startsWith(';;') && ends.has(';;')) break;
    const before = scanner.text.slice(0, scanner.position).trimEnd();
    if (!/[;&]$/.test(before)) unexpected(scanner);
  }
  return { items };
}

function parseAndOr(scanner: Scanner): AndOr {
  const first = parsePipeline(scanner);
  const rest: { operator: '&&' | '||'; pipeline: Pipeline }[] = [];
  for (;;) {
    scanner.skipBlanks();
    const operator = scanner.startsWith('&&') ? '&&' : scanner.startsWith('||') ? '||' : undefined;
    if (operator === undefined) return { first, rest, background: false };
    scanner.position += 2;
    scanner.skipLines();
    rest.push({ operator, pipeline: parsePipeline(scanner) });
  }
}

function parsePipeline(scanner: Scanner): Pipeline {
  scanner.skipBlanks();
  let negated = false;
  while (keywordAt(scanner) === '!') {
    negated = !negated;
    scanner.position += 1;
    scanner.skipBlanks();
  }
  const commands = [parseCommand(scanner)];
  for (;;) {
    scanner.skipBlanks();
    if (scanner.peek() !== '|' || scanner.peek(1) === '|') return { negated, commands };
    scanner.position += 1;
    const both = scanner.peek() === '&';
    if (both) {
      scanner.position += 1;
      const last = commands.pop();
      if (last !== undefined)
        commands.push(
          withRedirection(last, {
            fd: 2,
            operator: '>&',
            target: { parts: [{ kind: 'text', text: '1', quoted: true }] },
          }),
        );
    }
    scanner.skipLines();
    commands.push(parseCommand(scanner));
  }
}

function withRedirection(command: Command, redirection: Redirection): Command {
  return command.kind === 'function'
    ? command
    : { ...command, redirections: [...command.redirections, redirection] };
}

function expectKeyword(scanner: Scanner, keyword: string): void {
  scanner.skipLines();
  if (keywordAt(scanner) !== keyword) unexpected(scanner);
  scanner.position += keyword.length;
}

function parseCommand(scanner: Scanner): Command {
  scanner.skipBlanks();
  if (scanner.startsWith('((')) {
    const end = arithmeticEnd(scanner.text, scanner.position + 2);
    if (end !== undefined) {
      const expression = parseQuotedText(scanner.text.slice(scanner.position + 2, end), parseList, true);
      scanner.position = end + 2;
      return { kind: 'calculation', expression, redirections: parseRedirections(scanner) };
    }
  }
  if (scanner.peek() === '(') {
    scanner.position += 1;
    const body = parseList(scanner, ')');
    return { kind: 'subshell', body, redirections: parseRedirections(scanner) };
  }
  if (scanner.startsWith('[[') && /\s/.test(scanner.peek(2))) {
    const condition = parseCondition(scanner, parseList);
    return { kind: 'condition', condition, redirections: parseRedirections(scanner) };
  }
  switch (keywordAt(scanner)) {
    case '{':
      return parseGroup(scanner);
    case 'if':
      return parseIf(scanner);
    case 'while':
    case 'until':
      return parseLoop(scanner);
    case 'for':
      return parseFor(scanner);
    case 'case':
      return parseCase(scanner);
    case 'function':
      return parseFunctionKeyword(scanner);
    default:
      return parseSimple(scanner);
  }
}

function parseGroup(scanner: Scanner): Command {
  scanner.position += 1;
  const body = parseCommands(scanner, new Set(['}']));
  expectKeyword(scanner, '}');
  return { kind: 'group', body, redirections: parseRedirections(scanner) };
}

function parseIf(scanner: Scanner): Command {
  const branches: { condition: List; body: List }[] = [];
  let otherwise: List | undefined;
  expectKeyword(scanner, 'if');
  for (;;) {
    const condition = parseCommands(scanner, new Set(['then']));
    expectKeyword(scanner, 'then');
    branches.push({ condition, body: parseCommands(scanner, new Set(['elif', 'else', 'fi'])) });
    scanner.skipLines();
    const keyword = keywordAt(scanner);
    if (keyword === 'elif') {
      scanner.position += 4;
      continue;
    }
    if (keyword === 'else') {
      scanner.position += 4;
      otherwise = parseCommands(scanner, new Set(['fi']));
    }
    expectKeyword(scanner, 'fi');
    return {
      kind: 'if',
      branches,
      ...(otherwise && { otherwise }),
      redirections: parseRedirections(scanner),
    };
  }
}

function parseDoGroup(scanner: Scanner): List {
  expectKeyword(scanner, 'do');
  const body = parseCommands(scanner, new Set(['done']));
  expectKeyword(scanner, 'done');
  return body;
}

function parseLoop(scanner: Scanner): Command {
  const until = keywordAt(scanner) === 'until';
  scanner.position += 5;
  const condition = parseCommands(scanner, new Set(['do']));
  const body = parseDoGroup(scanner);
  return { kind: 'while', until, condition, body, redirections: parseRedirections(scanner) };
}

function parseFor(scanner: Scanner): Command {
  scanner.position += 3;
  scanner.skipBlanks();
  if (scanner.startsWith('((')) {
    const end = arithmeticEnd(scanner.text, scanner.position + 2);
    if (end === undefined) unexpected(scanner);
    const [start = '', test = '', step = ''] = scanner.text.slice(scanner.position + 2, end).split(';');
    scanner.position = end + 2;
    scanner.skipBlanks();
    if (scanner.peek() === ';') scanner.position += 1;
    const word = (text: string) => parseQuotedText(text, parseList, true);
    const body = parseDoGroup(scanner);
    return {
      kind: 'count',
      start: word(start),
      test: word(test),
      step: word(step),
      body,
      redirections: parseRedirections(scanner),
    };
  }
  const name = bareText(parseWord(scanner, parseList));
  if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) scanner.fail('Syntax error: Bad for loop variable');
  scanner.skipLines();
  let words: Word[] | undefined;
  if (keywordAt(scanner) === 'in') {
    scanner.position += 2;
    words = [];
    for (;;) {
      scanner.skipBlanks();
      if (scanner.atWordEnd) break;
      words.push(parseWord(scanner, parseList));
    }
  }
  scanner.skipBlanks();
  if (scanner.peek() === ';') scanner.position += 1;
  const body = parseDoGroup(scanner);
  return { kind: 'for', name, ...(words && { words }), body, redirections: parseRedirections(scanner) };
}

function parseCase(scanner: Scanner): Command {
  scanner.position += 4;
  scanner.skipBlanks();
  const word = parseWord(scanner, parseList);
  expectKeyword(scanner, 'in');
  const arms: CaseArm[] = [];
  for (;;) {
    scanner.skipLines();
    if (keywordAt(scanner) === 'esac') break;
    if (scanner.peek() === '(') scanner.position += 1;
    const patterns: Word[] = [];
    for (;;) {
      scanner.skipBlanks();
      patterns.push(parseWord(scanner, parseList));
      scanner.skipBlanks();
      const separator = scanner.next();
      if (separator === ')') break;
      if (separator !== '|') {
        scanner.position -= 1;
        unexpected(scanner);
      }
    }
    const body = parseCommands(scanner, new Set([';;', 'esac', ';&']));
    scanner.skipLines();
    const fallThrough = scanner.startsWith(';&');
    if (scanner.startsWith(';;&')) scanner.position += 3;
    else if (scanner.startsWith(';;') || fallThrough) scanner.position += 2;
    arms.push({ patterns, body, fallThrough });
  }
  expectKeyword(scanner, 'esac');
  return { kind: 'case', word, arms, redirections: parseRedirections(scanner) };
}

function parseFunctionKeyword(scanner: Scanner): Command {
  scanner.position += 'function'.length;
  scanner.skipBlanks();
  const name = bareText(parseWord(scanner, parseList)) ?? '';
  scanner.skipBlanks();
  if (scanner.startsWith('()')) scanner.position += 2;
  scanner.skipLines();
  return { kind: 'function', name, body: parseCommand(scanner) };
}

function parseSimple(scanner: Scanner): Command {
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  const redirections: Redirection[] = [];
  for (;;) {
    scanner.skipBlanks();
    const redirection = parseRedirection(scanner);
    if (redirection !== undefined) {
      redirections.push(redirection);
      continue;
    }
    const substitution = /^[<>]\(/.test(scanner.text.slice(scanner.position, scanner.position + 2));
    if (scanner.atWordEnd && !substitution) break;
    if (words.length === 0) {
      const assignment = parseAssignment(scanner);
      if (assignment !== undefined) {
        assignments.push(assignment);
        continue;
      }
      const keyword = keywordAt(scanner);
      if (keyword !== undefined && reserved.has(keyword)) unexpected(scanner);
    }
    const word = parseWord(scanner, parseList);
    if (
      words.length === 0 &&
      assignments.length === 0 &&
      /^\(\s*\)/.test(scanner.text.slice(scanner.position).trimStart())
    ) {
      const name = bareText(word);
      if (name !== undefined) {
        scanner.position = scanner.text.indexOf(')', scanner.position) + 1;
        scanner.skipLines();
        return { kind: 'function', name, body: parseCommand(scanner) };
      }
    }
    words.push(word);
  }
  if (words.length + assignments.length + redirections.length === 0) unexpected(scanner);
  return { kind: 'simple', assignments, words, redirections };
}

function parseAssignment(scanner: Scanner): Assignment | undefined {
  const match = /^([A-Za-z_]\w*)(\[([^\]\s]*)\])?(\+?)=/.exec(
    scanner.text.slice(scanner.position, scanner.position + 512),
  );
  if (match === null) return undefined;
  scanner.position += match[0].length;
  const name = match[1] ?? '';
  const append = match[4] === '+';
  const index = match[3] === undefined ? undefined : parseQuotedText(match[3], parseList, true);
  if (scanner.peek() === '(') {
    scanner.position += 1;
    const elements: Word[] = [];
    for (;;) {
      scanner.skipLines();
      if (scanner.peek() === ')' || scanner.atEnd) break;
      elements.push(parseWord(scanner, parseList));
    }
    scanner.position += 1;
    return { name, append, value: { parts: [] }, elements };
  }
  return { name, append, value: parseWord(scanner, parseList), ...(index && { index }) };
}

function parseRedirections(scanner: Scanner): Redirection[] {
  const redirections: Redirection[] = [];
  for (;;) {
    scanner.skipBlanks();
    const redirection = parseRedirection(scanner);
    if (redirection === undefined) return redirections;
    redirections.push(redirection);
  }
}

function parseRedirection(scanner: Scanner): Redirection | undefined {
  const digits = /^\d+(?=[<>])/.exec(scanner.text.slice(scanner.position, scanner.position + 8))?.[0] ?? '';
  const start = scanner.position + digits.length;
  const operator = redirectionOperators.find((candidate) => scanner.text.startsWith(candidate, start));
  if (operator === undefined || /^[<>]\($/.test(scanner.text.slice(start, start + 2))) return undefined;
  scanner.position = start + operator.length;
  scanner.skipBlanks();
  const fd = digits === '' ? undefined : Number(digits);
  if (scanner.atWordEnd && !/^[<>]\(/.test(scanner.text.slice(scanner.position, scanner.position + 2)))
    unexpected(scanner);
  const word = parseWord(scanner, parseList);
  if (operator !== '<<' && operator !== '<<-') return { fd, operator, target: word };
  const quoted = word.parts.some((part) => part.kind !== 'text' || part.quoted);
  const body: { target: Word } = { target: { parts: [] } };
  scanner.expectHereDocument(literalText(word) ?? '', operator === '<<-', (text) => {
    body.target = quoted
      ? { parts: [{ kind: 'text', text, quoted: true }] }
      : parseQuotedText(text, parseList, true);
  });
  return {
    fd,
    operator: '<<',
    get target() {
      return body.target;
    },
  };
}
