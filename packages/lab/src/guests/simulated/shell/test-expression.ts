import type { Shell } from './shell.js';

/** What `test` and `[` say; undefined stands for a syntax error (exit code 2). */
export async function evaluateTest(
  shell: Shell,
  args: readonly string[],
): Promise<{ value: boolean } | { error: string }> {
  const rest = [...args];
  const parsed = parseOr(shell, rest);
  if ('error' in parsed) return parsed;
  if (rest.length > 0) return { error: `${rest[0]}: unexpected operator` };
  return parsed;
}

type Result = { value: boolean } | { error: string };

function parseOr(shell: Shell, args: string[]): Result {
  let left = parseAnd(shell, args);
  while (!('error' in left) && args[0] === '-o') {
    args.shift();
    const right = parseAnd(shell, args);
    if ('error' in right) return right;
    left = { value: left.value || right.value };
  }
  return left;
}

function parseAnd(shell: Shell, args: string[]): Result {
  let left = parseTerm(shell, args);
  while (!('error' in left) && args[0] === '-a' && args.length > 1) {
    args.shift();
    const right = parseTerm(shell, args);
    if ('error' in right) return right;
    left = { value: left.value && right.value };
  }
  return left;
}

const binaryOperators = new Set([
  '=',
  '==',
  '!=',
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

function parseTerm(shell: Shell, args: string[]): Result {
  const [first, second, third] = args;
  if (first === undefined) return { value: false };
  if (second !== undefined && binaryOperators.has(second) && third !== undefined) {
    args.splice(0, 3);
    if (/^-(eq|ne|lt|le|gt|ge)$/.test(second)) {
      for (const text of [first, third])
        if (!/^\s*[-+]?\d+\s*$/.test(text)) return { error: `Illegal number: ${text}` };
    }
    return { value: compareValues(shell, first, second, third) };
  }
  if (first === '!' && second !== undefined) {
    args.shift();
    const inner = parseTerm(shell, args);
    return 'error' in inner ? inner : { value: !inner.value };
  }
  if (first === '(' && args.includes(')')) {
    args.shift();
    const inner = parseOr(shell, args);
    if (args.shift() !== ')') return { error: 'closing paren expected' };
    return inner;
  }
  if (/^-[a-zA-Z]$/.test(first) && second !== undefined) {
    args.splice(0, 2);
    return { value: testUnary(shell, first, second) };
  }
  args.shift();
  return { value: first !== '' };
}

/** A unary operator of `test`. */
export function testUnary(shell: Shell, operator: string, operand: string): boolean {
  const { process } = shell;
  const path = process.path(operand);
  const node = operand === '' ? undefined : process.files.stat(path);
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-e':
    case '-a':
      return node !== undefined;
    case '-f':
      return node?.kind === 'file';
    case '-d':
      return node?.kind === 'directory';
    case '-L':
    case '-h':
      return operand !== '' && process.files.stat(path, false)?.kind === 'link';
    case '-s':
      return node?.kind === 'file' && node.content !== '';
    case '-b':
      return node?.kind === 'device' && node.device === 'block';
    case '-c':
      return node?.kind === 'device' && node.device !== 'block';
    case '-S':
    case '-p':
      return false;
    case '-x':
      return node !== undefined && (node.kind === 'directory' || (node.mode & 0o111) !== 0);
    case '-r':
      return (
        node !== undefined && (process.uid === 0 || node.uid === process.uid || (node.mode & 0o004) !== 0)
      );
    case '-w':
      return (
        node !== undefined &&
        (process.uid === 0 ||
          (node.uid === process.uid && (node.mode & 0o200) !== 0) ||
          (node.mode & 0o002) !== 0)
      );
    case '-u':
      return node !== undefined && (node.mode & 0o4000) !== 0;
    case '-g':
      return node !== undefined && (node.mode & 0o2000) !== 0;
    case '-O':
      return node?.uid === process.uid;
    case '-G':
      return node?.gid === process.gid;
    case '-t':
      return false;
    case '-v':
      return shell.variables.get(operand) !== undefined;
    case '-o':
      return shell.options.has(operand);
    default:
      return false;
  }
}

/** A binary operator of `test`. */
export function compareValues(shell: Shell, left: string, operator: string, right: string): boolean {
  const mtime = (path: string) => shell.process.files.stat(shell.process.path(path))?.mtime;
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    case '-lt':
      return Number(left) < Number(right);
    case '-le':
      return Number(left) <= Number(right);
    case '-gt':
      return Number(left) > Number(right);
    case '-ge':
      return Number(left) >= Number(right);
    case '-nt':
      return (mtime(left) ?? -1) > (mtime(right) ?? -1);
    case '-ot':
      return (mtime(left) ?? -1) < (mtime(right) ?? -1);
    default:
      return (
        shell.process.files.resolve(shell.process.path(left)) ===
        shell.process.files.resolve(shell.process.path(right))
      );
  }
}
