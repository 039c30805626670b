import { FileError } from '../files/file-node.js';
import { type Process, shareFiles } from '../system/process.js';
import { evaluateArithmetic } from './arithmetic.js';
import { builtins } from './builtins.js';
import { ShellExit } from './control-flow.js';
import { expandText, expandWords } from './expand.js';
import { quoteWord } from './quote.js';
import { applyRedirections } from './redirect.js';
import { callFunction } from './run-commands.js';
import type { Shell } from './shell.js';
import type { Assignment, Command, Word } from './syntax.js';

type Simple = Extract<Command, { kind: 'simple' }>;

/** Builtins whose failure ends a script, and whose assignments stay (POSIX special builtins). */
const special = new Set([
  ':',
  '.',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'trap',
  'unset',
  'break',
  'continue',
]);
const declarations = new Set(['export', 'readonly', 'local', 'declare', 'typeset']);

/** Runs a simple command: assignments, a function, a builtin, or a program. */
export async function runSimple(shell: Shell, command: Simple): Promise<void> {
  const [first] = command.words;
  const declaring =
    first !== undefined && first.parts[0]?.kind === 'text' && declarations.has(first.parts[0].text);
  const fields = declaring
    ? await expandDeclaration(shell, command.words)
    : await expandWords(shell, command.words);
  const [name, ...args] = fields;
  if (shell.options.has('x')) await trace(shell, command, fields);
  let restore: () => void;
  try {
    restore = await applyRedirections(shell, command.redirections);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await shell.process.err(
      `${shell.name}: ${error.code === 'ENOENT' ? 'cannot open' : 'cannot create'} ${error.path}: ${error.message}\n`,
    );
    shell.lastStatus = 2;
    if (name !== undefined && special.has(name)) throw new ShellExit(2);
    return;
  }
  try {
    if (name === undefined) {
      // `$?` in an assignment is still the status before; the assignment's own is that of its last substitution.
      shell.takeSubstitutionStatus();
      for (const assignment of command.assignments) await assign(shell, assignment);
      shell.lastStatus = shell.takeSubstitutionStatus() ?? 0;
      return;
    }
    if (name === 'exec')
      return await runExec(shell, args, command, () => {
        restore = () => {};
      });
    const body = shell.functions.get(name);
    const builtin = builtins.get(name);
    if (body !== undefined || builtin !== undefined) {
      const undo = special.has(name) ? () => {} : await assignTemporarily(shell, command.assignments);
      if (special.has(name)) for (const assignment of command.assignments) await assign(shell, assignment);
      try {
        if (body !== undefined) await callFunction(shell, body, args);
        else if (builtin !== undefined) shell.lastStatus = await builtin(shell, args);
      } finally {
        undo();
      }
      return;
    }
    shell.lastStatus = await runProgram(shell, fields, command.assignments);
  } finally {
    restore();
  }
}

/** Arguments of `export` and the like: an assignment is one field, its value unsplit. */
async function expandDeclaration(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    const [part] = word.parts;
    if (part?.kind === 'text' && /^[A-Za-z_]\w*\+?=/.test(part.text))
      fields.push(await expandText(shell, word));
    else fields.push(...(await expandWords(shell, [word])));
  }
  return fields;
}

async function trace(shell: Shell, command: Simple, fields: readonly string[]): Promise<void> {
  const assignments: string[] = [];
  for (const { name, value } of command.assignments)
    assignments.push(`${name}=${quoteWord(await expandText(shell, value))}`);
  await shell.process.err(`+ ${[...assignments, ...fields.map(quoteWord)].join(' ')}\n`);
}

/** Makes an assignment in the shell. */
export async function assign(shell: Shell, assignment: Assignment): Promise<void> {
  const { name, append } = assignment;
  if (assignment.elements !== undefined) {
    const elements = append ? new Map(shell.variables.elements(name)) : new Map<string, string>();
    let index = elements.size;
    for (const value of await expandWords(shell, assignment.elements)) {
      const keyed = /^\[([^\]]+)\]=([\s\S]*)$/.exec(value);
      if (keyed === null) elements.set(String(index++), value);
      else elements.set(keyed[1] ?? '', keyed[2] ?? '');
    }
    shell.variables.setElements(name, elements);
    return;
  }
  const value = await expandText(shell, assignment.value);
  if (assignment.index !== undefined) {
    const elements = new Map(shell.variables.elements(name));
    const text = await expandText(shell, assignment.index);
    const key =
      /^[\w$]+$/.test(text) && !/^\d/.test(text) && shell.variables.get(text) === undefined
        ? text
        : String(evaluateArithmetic(text, shell.arithmetic));
    elements.set(key, append ? (elements.get(key) ?? '') + value : value);
    shell.variables.setElements(name, elements);
    return;
  }
  shell.variables.set(name, append ? (shell.variables.get(name) ?? '') + value : value);
  if (shell.options.has('a')) shell.variables.mark(name, 'exported');
}

async function assignTemporarily(shell: Shell, assignments: readonly Assignment[]): Promise<() => void> {
  const before = assignments.map(({ name }) => [name, shell.variables.get(name)] as const);
  for (const assignment of assignments) {
    await assign(shell, assignment);
    shell.variables.mark(assignment.name, 'exported');
  }
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) shell.variables.unset(name);
      else shell.variables.set(name, value);
    }
  };
}

async function environmentFor(
  shell: Shell,
  assignments: readonly Assignment[],
): Promise<Map<string, string>> {
  const environment = shell.variables.environment();
  for (const { name, value } of assignments) environment.set(name, await expandText(shell, value));
  return environment;
}

/** Runs a program as a child process and waits for it. */
export async function runProgram(
  shell: Shell,
  argv: readonly string[],
  assignments: readonly Assignment[] = [],
): Promise<number> {
  const { process } = shell;
  const env = await environmentFor(shell, assignments);
  const found = process.machine.findProgram(
    argv[0] ?? '',
    env.get('PATH') ?? shell.variables.get('PATH') ?? '',
    process.cwd,
  );
  if (found.kind === 'missing') {
    await process.err(`${shell.name}: ${shell.process.machine.line(shell)}${argv[0]}: not found\n`);
    return 127;
  }
  if (found.kind === 'denied') {
    await process.err(`${shell.name}: ${shell.process.machine.line(shell)}${argv[0]}: Permission denied\n`);
    return 126;
  }
  const child = process.machine.exec(process, { argv, env, files: shareFiles(process.open) }, found);
  return awaitChild(shell, child);
}

/** Waits for a child; a signal that is trapped meanwhile waits, too. */
async function awaitChild(shell: Shell, child: Process): Promise<number> {
  const status = await shell.process.waitFor(child.exited);
  if (status.signal !== undefined) {
    if (status.signal !== 13 && status.signal !== 2)
      await shell.process.err(`${signalTexts[status.signal] ?? 'Terminated'}\n`);
    return 128 + status.signal;
  }
  return status.code;
}

const signalTexts: Readonly<Record<number, string>> = {
  9: 'Killed',
  15: 'Terminated',
  1: 'Hangup',
  6: 'Aborted',
  11: 'Segmentation fault',
};

/** `exec`: with a command the shell becomes it; without, its redirections stay. */
async function runExec(
  shell: Shell,
  args: readonly string[],
  command: Simple,
  keep: () => void,
): Promise<void> {
  if (args.length === 0) {
    keep();
    shell.lastStatus = 0;
    return;
  }
  const code = await runProgram(shell, args, command.assignments);
  shell.traps.delete('EXIT');
  throw new ShellExit(code);
}
