import { type Process, release, shareFiles } from '../system/process.js';
import type { ArithmeticVariables } from './arithmetic.js';
import { builtins } from './builtins.js';
import { ShellExit } from './control-flow.js';
import { parseScript } from './parse-script.js';
import { runList } from './run-commands.js';
import { ScriptError } from './script-error.js';
import { createPipe, readAll } from './streams.js';
import type { Command, List } from './syntax.js';
import { Variables } from './variables.js';

/** A shell at work in a process. A subshell is a shell of its own with copies of everything. */
export class Shell {
  variables: Variables;
  functions: Map<string, Command>;
  positional: string[];
  /** Single letters of `set`, and `pipefail`. */
  options: Set<string>;
  lastStatus = 0;
  #substitutionStatus: number | undefined;
  lastBackground: number | undefined;
  readonly jobs: Process[] = [];
  readonly traps: Map<string, string>;
  /** How deep in conditions we are, where `set -e` does not count. */
  conditions = 0;
  loops = 0;
  /** `$$` and `$PPID`: in a subshell still those of the shell it came from. */
  readonly mainPid: number;
  readonly parentPid: number;
  /** Signals that came in while a trap waits for the current command to end. */
  readonly arrived: string[] = [];

  constructor(
    readonly process: Process,
    readonly name: string,
    from?: Shell,
  ) {
    this.mainPid = from?.mainPid ?? process.pid;
    this.parentPid = from?.parentPid ?? process.ppid;
    this.variables = from?.variables.copy() ?? new Variables();
    this.functions = new Map(from?.functions);
    this.positional = [...(from?.positional ?? [])];
    this.options = new Set(from?.options);
    this.traps = new Map();
    this.lastStatus = from?.lastStatus ?? 0;
    this.lastBackground = from?.lastBackground;
    this.conditions = from?.conditions ?? 0;
    this.loops = from?.loops ?? 0;
    if (from !== undefined) return;
    for (const [key, value] of process.env) {
      this.variables.set(key, value);
      this.variables.mark(key, 'exported');
    }
    this.variables.set('IFS', ' \t\n');
    this.variables.set('OPTIND', '1');
    this.variables.set('PWD', process.cwd);
    if (this.variables.get('PATH') === undefined)
      this.variables.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  }

  /** Runs a script to its end, EXIT trap included; yields the exit code. */
  async runScript(text: string): Promise<number> {
    return this.toExit(async () => {
      await runList(this, parseScript(text));
      return this.lastStatus;
    });
  }

  /** Runs something as the whole of a shell process: `exit`, errors and the EXIT trap end here. */
  async toExit(work: () => Promise<number>): Promise<number> {
    let code: number;
    try {
      code = await work();
    } catch (error) {
      if (error instanceof ShellExit) code = error.code;
      else if (error instanceof ScriptError) {
        const line = error.line === undefined ? '' : ` ${error.line}:`;
        await this.process.err(`${this.name}:${line} ${error.message}\n`);
        code = 2;
      } else throw error;
    }
    const trap = this.traps.get('EXIT');
    if (trap === undefined || trap === '') return code;
    this.traps.delete('EXIT');
    this.lastStatus = code;
    try {
      await runList(this, parseScript(trap));
    } catch (error) {
      if (error instanceof ShellExit) return error.code;
      throw error;
    }
    return code;
  }

  /** The value of a variable, positional or special parameter. */
  parameter(name: string): string | undefined {
    if (/^\d+$/.test(name)) return name === '0' ? this.name : this.positional[Number(name) - 1];
    switch (name) {
      case '?':
        return String(this.lastStatus);
      case '#':
        return String(this.positional.length);
      case '$':
        return String(this.mainPid);
      case '!':
        return this.lastBackground === undefined ? undefined : String(this.lastBackground);
      case '-':
        return [...this.options].filter((option) => option.length === 1).join('');
      case 'RANDOM':
        return String(Math.floor(this.process.machine.random() * 32768));
      case 'SECONDS':
        return String(Math.floor(this.process.machine.uptimeSeconds()));
      case 'PPID':
        return String(this.parentPid);
      case 'EUID':
      case 'UID':
        return String(this.process.uid);
      case 'HOSTNAME':
        return this.variables.get(name) ?? this.process.machine.hostname();
      default:
        return this.variables.get(name);
    }
  }

  readonly arithmetic: ArithmeticVariables = {
    get: (name) => this.parameter(name) ?? '',
    set: (name, value) => this.variables.set(name, value),
  };

  /** Complains about an unset parameter under `set -u`. */
  unsetParameter(name: string): void {
    if (this.options.has('u') && !/^[@*#?$!-]$/.test(name))
      throw new ScriptError(`${name}: parameter not set`);
  }

  homeOf(user: string): string | undefined {
    return this.process.machine.accounts.user(user)?.home;
  }

  isBuiltin(name: string): boolean {
    return builtins.has(name);
  }

  /** Starts a subshell as a process of its own. It takes over its share of this shell's open files, with `replaced` ones in their place. */
  fork(
    work: (shell: Shell) => Promise<number>,
    replaced: ReadonlyMap<number, NonNullable<ReturnType<Process['open']['get']>>> = new Map(),
  ): Process {
    const files = shareFiles(this.process.open);
    for (const [fd, file] of replaced) {
      const old = files.get(fd);
      if (old !== undefined) release(old);
      files.set(fd, file);
    }
    return this.process.machine.fork(this.process, files, async (child) => {
      const shell = new Shell(child, this.name, this);
      return shell.toExit(() => work(shell));
    });
  }

  /** The output of a command substitution. */
  async substitute(body: List): Promise<string> {
    const pipe = createPipe();
    const child = this.fork(
      async (shell) => {
        await runList(shell, body);
        return shell.lastStatus;
      },
      new Map([[1, pipe.output]]),
    );
    const text = await this.process.waitFor(readAll(pipe.input));
    pipe.input.close();
    const status = await this.process.waitFor(child.exited);
    this.lastStatus = status.code ?? 128 + (status.signal ?? 0);
    this.#substitutionStatus = this.lastStatus;
    return text;
  }

  /** The status of the last command substitution since it was asked for; undefined where there was none. */
  takeSubstitutionStatus(): number | undefined {
    const status = this.#substitutionStatus;
    this.#substitutionStatus = undefined;
    return status;
  }

  /** `<(…)`: the output of a command as a file that can be read. */
  async substituteProcess(direction: '<' | '>', body: List): Promise<string> {
    const path = `/dev/fd/${60 + Math.floor(this.process.machine.random() * 1e6)}`;
    const { files } = this.process;
    if (!files.exists('/dev/fd')) files.makeDirectory('/dev/fd', { parents: true });
    files.write(path, direction === '<' ? await this.substitute(body) : '');
    return path;
  }

  /** Runs what was trapped for signals that came in. */
  async runTraps(): Promise<void> {
    for (let name = this.arrived.shift(); name !== undefined; name = this.arrived.shift()) {
      const script = this.traps.get(name);
      const status = this.lastStatus;
      if (script !== undefined && script !== '') await runList(this, parseScript(script));
      this.lastStatus = status;
    }
  }
}

/** The program `sh` (and `bash`, `dash`): reads its script from `-c`, a file or standard input. */
export async function shellProgram(process: Process, args: readonly string[]): Promise<number> {
  const options = new Set<string>();
  const rest = [...args];
  let command: string | undefined;
  let fromInput = false;
  while (rest[0] !== undefined && /^[-+]./.test(rest[0])) {
    const option = rest.shift() ?? '';
    if (option === '--') break;
    if (option === '-o' || option === '+o') {
      const name = rest.shift() ?? '';
      options.add(longOptions[name] ?? name);
    } else if (option.startsWith('--')) continue;
    else if (option.startsWith('-')) {
      for (const letter of option.slice(1)) {
        if (letter === 'c') command = '';
        else if (letter === 's') fromInput = true;
        else if (letter === 'o') options.add(longOptions[rest.shift() ?? ''] ?? '');
        else options.add(letter);
      }
    }
  }
  if (command !== undefined) {
    const text = rest.shift();
    if (text === undefined) return process.fail('-c: option requires an argument', 2);
    const shell = new Shell(process, rest.shift() ?? process.name);
    shell.options = options;
    shell.positional = rest;
    return shell.runScript(text);
  }
  const file = fromInput ? undefined : rest.shift();
  const shell = new Shell(process, file ?? process.name);
  shell.options = options;
  shell.positional = rest;
  if (file === undefined) return shell.runScript(await process.input());
  const path = process.path(file);
  const text = process.files.readIfThere(path);
  if (text === undefined) {
    const reason = process.files.isDirectory(path) ? 'Is a directory' : `cannot open ${file}: No such file`;
    await process.err(`${process.name}: 0: ${reason}\n`);
    return 2;
  }
  return shell.runScript(text);
}

/** Names of `set -o` that stand for letters. */
export const longOptions: Readonly<Record<string, string>> = {
  errexit: 'e',
  nounset: 'u',
  xtrace: 'x',
  noglob: 'f',
  noexec: 'n',
  allexport: 'a',
  verbose: 'v',
};
