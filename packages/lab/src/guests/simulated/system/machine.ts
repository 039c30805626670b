import type { Clock } from '../../../clock/clock.js';
import { FileError } from '../files/file-node.js';
import type { FileTree } from '../files/file-tree.js';
import { normalisePath } from '../files/paths.js';
import type { Shell } from '../shell/shell.js';
import type { OpenFile } from '../shell/streams.js';
import { Accounts } from './accounts.js';
import { Killed, Process, type ProcessStart, type Program } from './process.js';
import { Units } from './units.js';

/** What the marker in a program's file says: which of the guest's programs it is. */
const programMark = '\x7fELF program ';

/** The content of a program's file. */
export function programContent(name: string): string {
  return `${programMark}${name}\n`;
}

/** What a name on a command line turned out to be. */
export type FoundProgram =
  | { readonly kind: 'program'; readonly path: string; readonly program: string }
  | { readonly kind: 'script'; readonly path: string; readonly interpreter: readonly string[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'denied' };

/** An answer that a test has put in a program's place. */
export interface ScriptedReply {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly afterMs?: number;
  readonly signal?: number;
}

/** What a machine is made of. */
export interface MachineParts {
  readonly clock: Clock;
  readonly files: FileTree;
  readonly random: () => number;
  readonly programs: ReadonlyMap<string, Program>;
  /** A scripted answer for a command line, or the text of the script that it runs. */
  readonly reply: (commandLine: string, script: string | undefined) => ScriptedReply | undefined;
  readonly hardware: Hardware;
  /** Called when the guest powers itself off or reboots. */
  readonly power: (action: 'poweroff' | 'reboot') => void;
}

/** What the guest sees of its virtual hardware. */
export interface Hardware {
  readonly cpus: () => number;
  readonly memoryBytes: number;
  readonly diskBytes: () => number;
  /** Disks in the order of their names: `sda` with its slot `scsi0`. */
  readonly disks: () => readonly GuestDisk[];
  /** Notes that a disk has been formatted. */
  readonly format: (slot: string, filesystem: string) => void;
  /** Interfaces in the order of their slots: MAC in lower case. */
  readonly nics: () => readonly string[];
}

/** A disk as the guest has it. */
export interface GuestDisk {
  readonly name: string;
  readonly slot: string;
  readonly sizeBytes: number;
  /** What is on it: `ext4`, or nothing. */
  readonly filesystem: string | undefined;
}

/** An address of an interface. */
export interface Address {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

/** An interface with what it is configured to. */
export interface NetworkInterface {
  name: string;
  readonly mac: string;
  addresses: Address[];
  gateway?: string;
  up: boolean;
}

/** The operating system of a simulated guest while it runs: files, processes, accounts, units, addresses. */
export class Machine {
  readonly processes = new Map<number, Process>();
  readonly accounts: Accounts;
  readonly units: Units;
  /** Network interfaces beside `lo`, in the order of their slots. */
  readonly interfaces: NetworkInterface[] = [];
  readonly bootedAtMs: number;
  /** The kernel's host name; set at boot from /etc/hostname. */
  kernelHostname = 'localhost';
  #nextPid = 150;
  #breaths = 0;
  readonly #sleepers = new Set<number>();

  constructor(readonly parts: MachineParts) {
    this.accounts = new Accounts(parts.files);
    this.units = new Units(this);
    this.bootedAtMs = parts.clock.now();
  }

  get files(): FileTree {
    return this.parts.files;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  readonly random = (): number => this.parts.random();

  hostname(): string {
    return this.kernelHostname;
  }

  nowSeconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  uptimeSeconds(): number {
    return (this.clock.now() - this.bootedAtMs) / 1000;
  }

  /** Waits in lab time without making a virtual clock jump: the guest lives by itself. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || ms <= 0) return resolve();
      const due = this.clock.now() + ms;
      this.#sleepers.add(due);
      const done = () => {
        this.#sleepers.delete(due);
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const cancel = this.clock.schedule(ms, done);
      const abort = () => {
        cancel();
        done();
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Milliseconds until the first sleeping process wakes up; undefined when none sleeps. */
  untilNextWake(): number | undefined {
    return this.#sleepers.size === 0
      ? undefined
      : Math.max(0, Math.min(...this.#sleepers) - this.clock.now());
  }

  /** Lets the rest of the lab run now and then while a script loops. */
  async breathe(): Promise<void> {
    this.#breaths += 1;
    if (this.#breaths % 64 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** The part of a shell's complaint before the command's name. Debian's sh prints the line there. */
  line(shell: Shell): string {
    return shell.name === 'bash' ? 'line 1: ' : '1: ';
  }

  newPid(): number {
    this.#nextPid += 1 + Math.floor(this.random() * 3);
    return this.#nextPid;
  }

  /** Finds a program by name in PATH, or by path. */
  findProgram(name: string, path: string, cwd: string): FoundProgram {
    if (name === '') return { kind: 'missing' };
    const candidates = name.includes('/')
      ? [normalisePath(name, cwd)]
      : path.split(':').map((directory) => normalisePath(name, directory || cwd));
    let denied = false;
    for (const candidate of candidates) {
      const node = this.files.stat(candidate);
      if (node === undefined) continue;
      if (node.kind !== 'file' || (node.mode & 0o111) === 0) {
        denied ||= name.includes('/');
        continue;
      }
      if (node.content.startsWith(programMark))
        return {
          kind: 'program',
          path: candidate,
          program: node.content.slice(programMark.length).trimEnd(),
        };
      const interpreter = /^#![ \t]*(\S+)(?:[ \t]+([^\n]+?))?[ \t]*(?:\n|$)/.exec(node.content);
      if (interpreter === null) return { kind: 'script', path: candidate, interpreter: ['/bin/sh'] };
      return {
        kind: 'script',
        path: candidate,
        interpreter: [interpreter[1] ?? '/bin/sh', ...(interpreter[2] === undefined ? [] : [interpreter[2]])],
      };
    }
    return { kind: denied ? 'denied' : 'missing' };
  }

  /** Starts a process that is not a program of its own: a subshell. */
  fork(parent: Process, files: Map<number, OpenFile>, work: (process: Process) => Promise<number>): Process {
    return this.#start(
      {
        argv: parent.argv,
        env: parent.env,
        cwd: parent.cwd,
        uid: parent.uid,
        gid: parent.gid,
        files,
        parent,
        unit: parent.unit,
      },
      work,
    );
  }

  /** Runs a found program as a child of `parent`. */
  exec(
    parent: Process,
    start: Pick<ProcessStart, 'argv' | 'env' | 'files'> & Partial<ProcessStart>,
    found: FoundProgram,
  ): Process {
    return this.spawn(
      { cwd: parent.cwd, uid: parent.uid, gid: parent.gid, unit: parent.unit, parent, ...start },
      found,
    );
  }

  /** Starts a process that runs a found program. */
  spawn(
    start: ProcessStart,
    found: FoundProgram = this.findProgram(start.argv[0] ?? '', start.env.get('PATH') ?? '', start.cwd),
  ): Process {
    return this.#start(start, async (process) => {
      const reply = this.parts.reply(start.argv.join(' '), this.#scriptText(start, found));
      if (reply !== undefined) return answer(process, reply);
      if (found.kind === 'missing') return 127;
      if (found.kind === 'denied') return 126;
      if (found.kind === 'script') return this.#runScript(process, found);
      const program = this.parts.programs.get(found.program);
      if (program === undefined) return process.fail('cannot execute binary file: Exec format error', 126);
      return program(process, start.argv.slice(1));
    });
  }

  #scriptText(start: ProcessStart, found: FoundProgram): string | undefined {
    if (found.kind === 'script') return this.files.readIfThere(found.path);
    if (found.kind !== 'program' || found.program !== 'sh') return undefined;
    const operand = start.argv.slice(1).find((arg) => !arg.startsWith('-'));
    if (operand === undefined) return undefined;
    return start.argv.includes('-c') ? operand : this.files.readIfThere(normalisePath(operand, start.cwd));
  }

  async #runScript(process: Process, found: Extract<FoundProgram, { kind: 'script' }>): Promise<number> {
    const [interpreter = '/bin/sh', ...options] = found.interpreter;
    const viaEnv = /\/env$/.test(interpreter);
    const name = viaEnv ? (options[0]?.replace(/^-S\s*/, '').split(' ')[0] ?? 'sh') : interpreter;
    const target = this.findProgram(name, process.env.get('PATH') ?? '/usr/bin:/bin', process.cwd);
    if (target.kind !== 'program')
      return process.fail(`${found.path}: cannot execute: required file not found`, 127);
    const program = this.parts.programs.get(target.program);
    if (program === undefined)
      return process.fail(`${found.path}: cannot execute: required file not found`, 126);
    const args = [...(viaEnv ? [] : options), found.path, ...process.argv.slice(1)];
    process.argv = [name, ...args];
    return program(process, args);
  }

  #start(start: ProcessStart, work: (process: Process) => Promise<number> | number): Process {
    const process = new Process(this, this.newPid(), start);
    this.processes.set(process.pid, process);
    this.#showInProc(process);
    void this.#run(process, work);
    return process;
  }

  async #run(process: Process, work: (process: Process) => Promise<number> | number): Promise<void> {
    try {
      const code = await work(process);
      process.finish(process.killedBy === undefined ? { code: code & 255 } : { signal: process.killedBy });
    } catch (error) {
      if (error instanceof Killed) process.finish({ signal: error.signal });
      else {
        await process
          .err(`${process.name}: ${error instanceof Error ? error.message : String(error)}\n`)
          .catch(() => {});
        process.finish({ code: error instanceof FileError ? 1 : 255 });
      }
    } finally {
      this.processes.delete(process.pid);
      if (this.files.exists(`/proc/${process.pid}`)) this.files.remove(`/proc/${process.pid}`, true);
    }
  }

  /** `/proc/PID/stat` as far as scripts read it: name, parents, and the start in clock ticks since boot (proc(5)). */
  #showInProc({ pid, ppid, session, argv }: Process): void {
    const name = argv[0]?.split('/').at(-1)?.slice(0, 15) ?? '';
    const start = Math.floor(this.uptimeSeconds() * 100);
    const unused = '0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0';
    const directory = `/proc/${pid}`;
    this.files.makeDirectory(directory, { parents: true });
    this.files.write(
      `${directory}/stat`,
      `${pid} (${name}) S ${ppid} ${session} ${session} ${unused} ${start} 0 0\n`,
      {
        mode: 0o444,
      },
    );
  }

  /** Processes of a pid, or of a session when it is negative. */
  processesOf(pid: number): Process[] {
    if (pid < 0) return [...this.processes.values()].filter((process) => process.session === -pid);
    const found = this.processes.get(pid);
    return found === undefined ? [] : [found];
  }

  /** Kills every process of a unit's control group. */
  killUnit(unit: string, signal = 15): void {
    for (const process of this.processes.values())
      if (process.unit === unit) process.kill(signal === 15 ? 9 : signal);
  }

  /** May the process do that with the file? @throws FileError EACCES */
  checkAccess(process: Process, path: string, access: 'read' | 'write'): void {
    if (process.uid === 0) return;
    const node =
      this.files.stat(path) ?? (access === 'write' ? this.files.stat(normalisePath('..', path)) : undefined);
    if (node === undefined) return;
    const bit = access === 'read' ? 4 : 2;
    const shift = node.uid === process.uid ? 6 : node.gid === process.gid ? 3 : 0;
    if (((node.mode >> shift) & bit) === 0) throw new FileError('EACCES', path);
  }

  /** Ends everything at once: the power is gone. */
  halt(): void {
    for (const process of this.processes.values()) process.kill(9);
  }
}

async function answer(process: Process, reply: ScriptedReply): Promise<number> {
  if (reply.afterMs !== undefined) await process.sleep(reply.afterMs);
  await process.out(Buffer.from(reply.stdout ?? '').toString('latin1'));
  await process.err(Buffer.from(reply.stderr ?? '').toString('latin1'));
  if (reply.signal !== undefined) {
    process.kill(reply.signal);
    process.check();
  }
  return reply.exitCode ?? 0;
}
