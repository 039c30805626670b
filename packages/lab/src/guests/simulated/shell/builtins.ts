import { textOfFormat } from '../commands/format-text.js';
import { FunctionReturn, LoopJump, ShellExit } from './control-flow.js';
import { parseScript } from './parse-script.js';
import { quoteWord } from './quote.js';
import { runCommand, runList } from './run-commands.js';
import { runProgram } from './run-simple.js';
import { longOptions, type Shell } from './shell.js';
import { evaluateTest } from './test-expression.js';

/** A command that is part of the shell; yields its exit code. */
export type Builtin = (shell: Shell, args: readonly string[]) => number | Promise<number>;

const complain = async (shell: Shell, text: string, code = 1): Promise<number> => {
  await shell.process.err(`${shell.name}: ${text}\n`);
  return code;
};

async function test(shell: Shell, args: readonly string[]): Promise<number> {
  const result = await evaluateTest(shell, args);
  if ('error' in result) return complain(shell, `test: ${result.error}`, 2);
  return result.value ? 0 : 1;
}

/** Signal numbers by name. */
export const signals: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  WINCH: 28,
};

/** The number of a signal given as `9`, `KILL` or `SIGKILL`. */
export function signalNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : signals[text.toUpperCase().replace(/^SIG/, '')];
}

function setOptions(shell: Shell, args: readonly string[]): number {
  const rest = [...args];
  for (let arg = rest[0]; arg !== undefined; arg = rest[0]) {
    if (arg === '--') {
      rest.shift();
      shell.positional = rest;
      return 0;
    }
    if (!/^[-+]./.test(arg)) break;
    rest.shift();
    const letters =
      arg.slice(1) === 'o'
        ? [longOptions[rest.shift() ?? ''] ?? 'pipefail']
        : [...arg.slice(1)].flatMap((letter) =>
            letter === 'o' ? [longOptions[rest.shift() ?? ''] ?? 'pipefail'] : [letter],
          );
    for (const letter of letters) {
      if (arg.startsWith('-')) shell.options.add(letter);
      else shell.options.delete(letter);
    }
    if (rest.length === 0) return 0;
  }
  if (rest.length > 0) shell.positional = rest;
  return 0;
}

async function declare(
  shell: Shell,
  args: readonly string[],
  mark?: 'exported' | 'readonly',
  local = false,
): Promise<number> {
  for (const arg of args) {
    if (/^[-+][a-zA-Z]+$/.test(arg)) {
      if (arg.includes('x')) mark = 'exported';
      if (arg.includes('r')) mark = 'readonly';
      if (arg === '-p')
        for (const [name, value] of shell.variables.environment())
          await shell.process.out(`export ${name}=${quoteWord(value)}\n`);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/\+$/, '');
    if (!/^[A-Za-z_]\w*$/.test(name)) return complain(shell, `${arg}: bad variable name`, 2);
    if (local) shell.variables.declareLocal(name, equals < 0 ? undefined : arg.slice(equals + 1));
    else if (equals >= 0) shell.variables.set(name, arg.slice(equals + 1));
    if (mark !== undefined) shell.variables.mark(name, mark);
  }
  if (args.length === 0)
    for (const [name, value] of shell.variables.environment())
      await shell.process.out(`export ${name}=${quoteWord(value)}\n`);
  return 0;
}

async function changeDirectory(shell: Shell, args: readonly string[]): Promise<number> {
  const operands = args.filter((arg) => !/^-[LPe]$/.test(arg));
  const wanted =
    operands[0] === '-' ? shell.variables.get('OLDPWD') : (operands[0] ?? shell.variables.get('HOME'));
  const path = shell.process.path(wanted ?? '/');
  if (!shell.process.files.isDirectory(path)) return complain(shell, `cd: can't cd to ${wanted}`, 2);
  shell.variables.set('OLDPWD', shell.process.cwd);
  shell.process.cwd = path;
  shell.variables.set('PWD', path);
  if (operands[0] === '-') await shell.process.out(`${path}\n`);
  return 0;
}

async function readLine(shell: Shell, args: readonly string[]): Promise<number> {
  const names: string[] = [];
  let raw = false;
  let delimiter = '\n';
  let limit = Number.POSITIVE_INFINITY;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '-r') raw = true;
    else if (arg === '-d') delimiter = (rest.shift() ?? '').slice(0, 1) || '\0';
    else if (arg === '-n') limit = Number(rest.shift());
    else if (arg === '-p' || arg === '-t' || arg === '-u') rest.shift();
    else if (arg === '-s' || arg === '-e') continue;
    else if (arg === '-a') names.push(rest.shift() ?? '');
    else names.push(arg);
  }
  let line = '';
  let ended = false;
  while (line.length < limit) {
    const char = await shell.process.read(1);
    if (char === undefined) {
      ended = true;
      break;
    }
    if (char === delimiter) break;
    if (char === '\\' && !raw) {
      const next = await shell.process.read(1);
      if (next !== undefined && next !== '\n') line += next;
      continue;
    }
    line += char;
  }
  assignFields(shell, names.length === 0 ? ['REPLY'] : names, line);
  return ended ? 1 : 0;
}

function assignFields(shell: Shell, names: readonly string[], line: string): void {
  const ifs = shell.variables.get('IFS') ?? ' \t\n';
  const white = [...ifs].filter((char) => /\s/.test(char)).join('');
  const trim = (text: string) => {
    let [start, end] = [0, text.length];
    while (start < end && white.includes(text[start] ?? '')) start += 1;
    while (end > start && white.includes(text[end - 1] ?? '')) end -= 1;
    return text.slice(start, end);
  };
  let rest = ifs === '' ? line : trim(line);
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      shell.variables.set(name, rest);
      return;
    }
    let end = 0;
    while (end < rest.length && !ifs.includes(rest[end] ?? '')) end += 1;
    shell.variables.set(name, rest.slice(0, end));
    let next = end;
    while (next < rest.length && white.includes(rest[next] ?? '')) next += 1;
    if (next < rest.length && ifs.includes(rest[next] ?? '') && !white.includes(rest[next] ?? '')) next += 1;
    rest = trim(rest.slice(next));
  }
}

async function trap(shell: Shell, args: readonly string[]): Promise<number> {
  const [action, ...names] = args[0] === '--' ? args.slice(1) : args;
  if (action === undefined) {
    for (const [name, script] of shell.traps)
      await shell.process.out(`trap -- ${quoteWord(script)} ${name}\n`);
    return 0;
  }
  const single = names.length === 0;
  for (const text of single ? [action] : names) {
    const number =
      text === 'EXIT' || text === '0' ? 0 : text === 'ERR' || text === 'DEBUG' ? -1 : signalNumber(text);
    if (number === undefined) return complain(shell, `trap: ${text}: bad trap`);
    const name = number === 0 ? 'EXIT' : text;
    if (single || action === '-') {
      shell.traps.delete(name);
      shell.process.caught.delete(number);
      shell.process.ignored.delete(number);
    } else {
      shell.traps.set(name, action);
      if (number > 0 && action === '') shell.process.ignored.add(number);
      else if (number > 0) shell.process.caught.set(number, () => shell.arrived.push(name));
    }
  }
  return 0;
}

async function wait(shell: Shell, args: readonly string[]): Promise<number> {
  const pids = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const jobs = pids.length === 0 ? [...shell.jobs] : shell.jobs.filter((job) => pids.includes(job.pid));
  if (pids.length > 0 && jobs.length === 0) return 127;
  let code = 0;
  for (const job of jobs) {
    const status = await shell.process.waitFor(job.exited);
    code = status.code ?? 128 + (status.signal ?? 0);
  }
  return pids.length === 0 ? 0 : code;
}

async function kill(shell: Shell, args: readonly string[]): Promise<number> {
  let signal = 15;
  const rest = [...args];
  if (rest[0] === '-l') {
    await shell.process.out(`${Object.keys(signals).join(' ')}\n`);
    return 0;
  }
  if (rest[0] === '-s') {
    rest.shift();
    signal = signalNumber(rest.shift() ?? '') ?? 15;
  } else if (/^-[A-Z0-9]/i.test(rest[0] ?? '') && rest.length > 1)
    signal = signalNumber((rest.shift() ?? '').slice(1)) ?? 15;
  if (rest[0] === '--') rest.shift();
  let code = 0;
  for (const text of rest) {
    const found = shell.process.machine.processesOf(Number(text));
    if (found.length === 0) code = await complain(shell, 'kill: No such process');
    for (const process of found) process.kill(signal);
  }
  shell.process.check();
  if (shell.arrived.length > 0) await shell.runTraps();
  return code;
}

async function describe(shell: Shell, names: readonly string[], verbose: boolean): Promise<number> {
  let code = 0;
  for (const name of names) {
    const found = shell.process.machine.findProgram(
      name,
      shell.variables.get('PATH') ?? '',
      shell.process.cwd,
    );
    const where = found.kind === 'program' || found.kind === 'script' ? found.path : undefined;
    if (shell.functions.has(name))
      await shell.process.out(verbose ? `${name} is a shell function\n` : `${name}\n`);
    else if (shell.isBuiltin(name))
      await shell.process.out(verbose ? `${name} is a shell builtin\n` : `${name}\n`);
    else if (where !== undefined) await shell.process.out(verbose ? `${name} is ${where}\n` : `${where}\n`);
    else {
      if (verbose) await shell.process.out(`${name}: not found\n`);
      code = 127;
    }
  }
  return code;
}

async function source(shell: Shell, args: readonly string[]): Promise<number> {
  const [name = '', ...positional] = args;
  const text = shell.process.files.readIfThere(shell.process.path(name));
  if (text === undefined) {
    await complain(shell, `.: cannot open ${name}: No such file`);
    throw new ShellExit(2);
  }
  const before = shell.positional;
  if (positional.length > 0) shell.positional = positional;
  try {
    shell.lastStatus = 0;
    await runList(shell, parseScript(text));
    return shell.lastStatus;
  } catch (error) {
    if (error instanceof FunctionReturn) return error.code;
    throw error;
  } finally {
    shell.positional = before;
  }
}

async function getopts(shell: Shell, args: readonly string[]): Promise<number> {
  const [spec = '', name = '', ...given] = args;
  const words = given.length > 0 ? given : shell.positional;
  const [word = 1, offset = 1] = (shell.variables.get('OPTIND') ?? '1').split('.').map(Number);
  const current = words[word - 1];
  if (current === undefined || !/^-./.test(current) || current === '--') {
    shell.variables.set(name, '?');
    shell.variables.set('OPTIND', String(current === '--' ? word + 1 : word));
    return 1;
  }
  const letter = current[offset] ?? '';
  const at = spec.indexOf(letter);
  const more = offset + 1 < current.length;
  let next = more ? `${word}.${offset + 1}` : String(word + 1);
  let value = letter;
  if (at < 0 || letter === ':') value = '?';
  else if (spec[at + 1] === ':') {
    const argument = more ? current.slice(offset + 1) : words[word];
    next = String(more ? word + 1 : word + 2);
    if (argument === undefined) value = spec.startsWith(':') ? ':' : '?';
    else shell.variables.set('OPTARG', argument);
  }
  if (value === '?' || value === ':') {
    shell.variables.set('OPTARG', letter);
    if (!spec.startsWith(':')) await complain(shell, `Illegal option -${letter}`);
  }
  shell.variables.set(name, value);
  shell.variables.set('OPTIND', next);
  return 0;
}

async function evaluate(shell: Shell, args: readonly string[]): Promise<number> {
  shell.lastStatus = 0;
  await runList(shell, parseScript(args.join(' ')));
  return shell.lastStatus;
}

const levels = (args: readonly string[]) => Math.max(1, Number(args[0] ?? 1));

/** The builtins by name. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', () => 0],
  ['true', () => 0],
  ['false', () => 1],
  ['.', source],
  ['source', source],
  [
    '[',
    (shell, args) =>
      args.at(-1) === ']' ? test(shell, args.slice(0, -1)) : complain(shell, '[: missing ]', 2),
  ],
  ['test', test],
  [
    'break',
    (_shell, args) => {
      throw new LoopJump('break', levels(args));
    },
  ],
  [
    'continue',
    (_shell, args) => {
      throw new LoopJump('continue', levels(args));
    },
  ],
  ['cd', changeDirectory],
  [
    'command',
    async (shell, args) => {
      if (args[0] === '-v' || args[0] === '-V') return describe(shell, args.slice(1), args[0] === '-V');
      const [name = '', ...rest] = args[0] === '-p' ? args.slice(1) : args;
      const builtin = builtins.get(name);
      return builtin === undefined ? runProgram(shell, [name, ...rest]) : builtin(shell, rest);
    },
  ],
  ['type', (shell, args) => describe(shell, args, true)],
  ['hash', () => 0],
  ['alias', () => 0],
  ['unalias', () => 0],
  [
    'ulimit',
    async (shell) => {
      await shell.process.out('unlimited\n');
      return 0;
    },
  ],
  ['times', () => 0],
  ['jobs', () => 0],
  ['shopt', () => 0],
  ['disown', () => 0],
  ['declare', (shell, args) => declare(shell, args, undefined, true)],
  ['typeset', (shell, args) => declare(shell, args, undefined, true)],
  ['local', (shell, args) => declare(shell, args, undefined, true)],
  ['export', (shell, args) => declare(shell, args, 'exported')],
  ['readonly', (shell, args) => declare(shell, args, 'readonly')],
  [
    'echo',
    async (shell, args) => {
      const flags = /^-[neE]+$/.exec(args[0] ?? '')?.[0] ?? '';
      const words = flags === '' ? args : args.slice(1);
      const text = words.join(' ');
      // Debian's sh (dash) interprets escapes always, bash with -e only.
      const interpret = flags.includes('e') || (!/bash/.test(shell.process.name) && flags !== '-E');
      await shell.process.out(
        (interpret ? textOfFormat.unescape(text) : text) + (flags.includes('n') ? '' : '\n'),
      );
      return 0;
    },
  ],
  [
    'printf',
    async (shell, args) => {
      const rest = [...args];
      const variable = rest[0] === '-v' ? rest.splice(0, 2)[1] : undefined;
      if (rest[0] === '--') rest.shift();
      const [format, ...values] = rest;
      if (format === undefined) return complain(shell, 'printf: usage: printf format [arg ...]', 2);
      const text = textOfFormat(format, values);
      if (variable === undefined) await shell.process.out(text);
      else shell.variables.set(variable, text);
      return 0;
    },
  ],
  ['eval', evaluate],
  [
    'exit',
    (shell, args) => {
      throw new ShellExit(args[0] === undefined ? shell.lastStatus : Number(args[0]) & 255);
    },
  ],
  [
    'return',
    (shell, args) => {
      throw new FunctionReturn(args[0] === undefined ? shell.lastStatus : Number(args[0]) & 255);
    },
  ],
  ['getopts', getopts],
  ['kill', kill],
  [
    'let',
    async (shell, args) => {
      await runCommand(shell, {
        kind: 'calculation',
        expression: { parts: [{ kind: 'text', text: args.join(' '), quoted: true }] },
        redirections: [],
      });
      return shell.lastStatus;
    },
  ],
  [
    'pwd',
    async (shell) => {
      await shell.process.out(`${shell.process.cwd}\n`);
      return 0;
    },
  ],
  ['read', readLine],
  [
    'set',
    async (shell, args) => {
      if (args.length === 0)
        for (const name of shell.variables.names())
          await shell.process.out(`${name}=${quoteWord(shell.variables.get(name) ?? '')}\n`);
      return setOptions(shell, args);
    },
  ],
  [
    'shift',
    async (shell, args) => {
      const count = Number(args[0] ?? 1);
      if (count > shell.positional.length) return complain(shell, "shift: can't shift that many", 2);
      shell.positional = shell.positional.slice(count);
      return 0;
    },
  ],
  ['trap', trap],
  [
    'umask',
    async (shell, args) => {
      if (args[0] === undefined)
        await shell.process.out(`${shell.process.umask.toString(8).padStart(4, '0')}\n`);
      else shell.process.umask = Number.parseInt(args[0], 8);
      return 0;
    },
  ],
  [
    'unset',
    (shell, args) => {
      const functions = args[0] === '-f';
      for (const name of args.filter((arg) => arg !== '-f' && arg !== '-v')) {
        if (functions) shell.functions.delete(name);
        else shell.variables.unset(name);
      }
      return 0;
    },
  ],
  ['wait', wait],
]);
