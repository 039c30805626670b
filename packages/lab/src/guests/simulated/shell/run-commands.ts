import { FileError } from '../files/file-node.js';
import type { Process } from '../system/process.js';
import { evaluateArithmetic } from './arithmetic.js';
import { FunctionReturn, LoopJump, ShellExit } from './control-flow.js';
import { evaluateCondition } from './evaluate-condition.js';
import { expandPattern, expandText, expandWords } from './expand.js';
import { patternToRegExp } from './pattern.js';
import { applyRedirections } from './redirect.js';
import { runSimple } from './run-simple.js';
import type { Shell } from './shell.js';
import { createPipe, type OpenFile, textInput } from './streams.js';
import type { AndOr, Command, List, Pipeline } from './syntax.js';

/** Runs commands one after the other. */
export async function runList(shell: Shell, list: List): Promise<void> {
  for (const item of list.items) {
    shell.process.check();
    if (shell.arrived.length > 0) await shell.runTraps();
    if (item.background) runInBackground(shell, item);
    else await runAndOr(shell, item);
  }
}

function runInBackground(shell: Shell, item: AndOr): void {
  const input = textInput('');
  const child = shell.fork(
    async (inner) => {
      await runAndOr(inner, { ...item, background: false });
      return inner.lastStatus;
    },
    new Map([[0, input]]),
  );
  shell.jobs.push(child);
  shell.lastBackground = child.pid;
  shell.lastStatus = 0;
}

async function runAndOr(shell: Shell, item: AndOr): Promise<void> {
  const guarded = item.rest.length > 0;
  if (guarded) shell.conditions += 1;
  await guard(shell, guarded, () => runPipeline(shell, item.first));
  for (const [index, { operator, pipeline }] of item.rest.entries()) {
    if ((operator === '&&') !== (shell.lastStatus === 0)) continue;
    const last = index === item.rest.length - 1;
    if (!last) shell.conditions += 1;
    await guard(shell, !last, () => runPipeline(shell, pipeline));
  }
}

/** Undoes the counting of conditions also when the command ends in another way. */
async function guard(shell: Shell, counted: boolean, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    if (counted) shell.conditions -= 1;
  }
}

async function runPipeline(shell: Shell, pipeline: Pipeline): Promise<void> {
  const [only] = pipeline.commands;
  if (pipeline.negated) shell.conditions += 1;
  await guard(shell, pipeline.negated, async () => {
    if (pipeline.commands.length === 1 && only !== undefined) await runCommand(shell, only);
    else shell.lastStatus = await runPipes(shell, pipeline.commands);
  });
  if (pipeline.negated) {
    shell.lastStatus = shell.lastStatus === 0 ? 1 : 0;
    return;
  }
  const compound =
    only !== undefined &&
    pipeline.commands.length === 1 &&
    !['simple', 'subshell', 'condition', 'calculation'].includes(only.kind);
  if (shell.lastStatus !== 0 && !compound) exitOnError(shell);
}

function exitOnError(shell: Shell): void {
  if (shell.options.has('e') && shell.conditions === 0) throw new ShellExit(shell.lastStatus);
}

async function runPipes(shell: Shell, commands: readonly Command[]): Promise<number> {
  const children: Process[] = [];
  let input: OpenFile | undefined;
  for (const [index, command] of commands.entries()) {
    const last = index === commands.length - 1;
    const pipe = last ? undefined : createPipe();
    const replaced = new Map<number, OpenFile>();
    if (input !== undefined) replaced.set(0, input);
    if (pipe !== undefined) replaced.set(1, pipe.output);
    children.push(
      shell.fork(async (inner) => {
        await runCommand(inner, command);
        return inner.lastStatus;
      }, replaced),
    );
    input = pipe?.input;
  }
  const codes: number[] = [];
  for (const child of children) {
    const status = await shell.process.waitFor(child.exited);
    codes.push(status.code ?? 128 + (status.signal ?? 0));
  }
  if (shell.options.has('pipefail')) return codes.reduce((failed, code) => (code === 0 ? failed : code), 0);
  return codes.at(-1) ?? 0;
}

/** Runs one command in this shell; its status is the shell's last. */
export async function runCommand(shell: Shell, command: Command): Promise<void> {
  if (command.kind === 'simple') return runSimple(shell, command);
  if (command.kind === 'function') {
    shell.functions.set(command.name, command.body);
    shell.lastStatus = 0;
    return;
  }
  const saved = await redirect(shell, command);
  if (saved === undefined) return;
  try {
    await runCompound(shell, command);
  } finally {
    saved();
  }
}

async function redirect(
  shell: Shell,
  command: Exclude<Command, { kind: 'function' }>,
): Promise<(() => void) | undefined> {
  try {
    return await applyRedirections(shell, command.redirections);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await shell.process.err(`${shell.name}: ${error.path}: ${error.message}\n`);
    shell.lastStatus = 1;
    return undefined;
  }
}

async function runCompound(
  shell: Shell,
  command: Exclude<Command, { kind: 'function' | 'simple' }>,
): Promise<void> {
  switch (command.kind) {
    case 'group':
      return runList(shell, command.body);
    case 'subshell': {
      const child = shell.fork(async (inner) => {
        await runList(inner, command.body);
        return inner.lastStatus;
      });
      const status = await shell.process.waitFor(child.exited);
      shell.lastStatus = status.code ?? 128 + (status.signal ?? 0);
      return;
    }
    case 'if':
      return runIf(shell, command);
    case 'while':
      return runLoop(
        shell,
        async () => (await test(shell, command.condition)) !== command.until,
        command.body,
      );
    case 'for':
      return runFor(shell, command);
    case 'count':
      await calculate(shell, command.start);
      return runLoop(
        shell,
        async () => command.test.parts.length === 0 || (await calculate(shell, command.test)) !== 0,
        command.body,
        () => calculate(shell, command.step),
      );
    case 'case':
      return runCase(shell, command);
    case 'condition':
      shell.lastStatus = (await evaluateCondition(shell, command.condition)) ? 0 : 1;
      return;
    case 'calculation':
      shell.lastStatus = (await calculate(shell, command.expression)) === 0 ? 1 : 0;
      return;
  }
}

async function calculate(shell: Shell, expression: Parameters<typeof expandText>[1]): Promise<number> {
  return evaluateArithmetic(await expandText(shell, expression), shell.arithmetic);
}

async function test(shell: Shell, condition: List): Promise<boolean> {
  shell.conditions += 1;
  await guard(shell, true, () => runList(shell, condition));
  return shell.lastStatus === 0;
}

async function runIf(shell: Shell, command: Extract<Command, { kind: 'if' }>): Promise<void> {
  for (const branch of command.branches) {
    if (await test(shell, branch.condition)) return runList(shell, branch.body);
  }
  if (command.otherwise === undefined) shell.lastStatus = 0;
  else await runList(shell, command.otherwise);
}

async function runFor(shell: Shell, command: Extract<Command, { kind: 'for' }>): Promise<void> {
  const values =
    command.words === undefined ? [...shell.positional] : await expandWords(shell, command.words);
  let index = -1;
  await runLoop(
    shell,
    () => {
      index += 1;
      const value = values[index];
      if (value === undefined) return Promise.resolve(false);
      shell.variables.set(command.name, value);
      return Promise.resolve(true);
    },
    command.body,
  );
}

async function runLoop(
  shell: Shell,
  more: () => Promise<boolean>,
  body: List,
  step?: () => Promise<unknown>,
): Promise<void> {
  let status = 0;
  shell.loops += 1;
  try {
    while (await more()) {
      await shell.process.machine.breathe();
      shell.process.check();
      try {
        await runList(shell, body);
        status = shell.lastStatus;
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error;
        status = 0;
        error.levels -= 1;
        if (error.levels > 0 && shell.loops > 1) throw error;
        if (error.kind === 'break') break;
      }
      await step?.();
    }
  } finally {
    shell.loops -= 1;
  }
  shell.lastStatus = status;
}

async function runCase(shell: Shell, command: Extract<Command, { kind: 'case' }>): Promise<void> {
  const value = await expandText(shell, command.word);
  let matched = false;
  shell.lastStatus = 0;
  for (const arm of command.arms) {
    for (const pattern of matched ? [] : arm.patterns) {
      if (patternToRegExp(await expandPattern(shell, pattern)).test(value)) matched = true;
    }
    if (!matched) continue;
    await runList(shell, arm.body);
    if (!arm.fallThrough) return;
  }
}

/** Calls a function with its own positional parameters and local variables. */
export async function callFunction(shell: Shell, body: Command, args: readonly string[]): Promise<void> {
  const { positional, loops } = shell;
  shell.positional = [...args];
  shell.loops = 0;
  shell.variables.enter();
  try {
    await runCommand(shell, body);
  } catch (error) {
    if (!(error instanceof FunctionReturn)) throw error;
    shell.lastStatus = error.code;
  } finally {
    shell.variables.leave();
    shell.positional = positional;
    shell.loops = loops;
  }
}
