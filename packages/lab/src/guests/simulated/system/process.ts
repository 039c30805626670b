import type { FileTree } from '../files/file-tree.js';
import { normalisePath } from '../files/paths.js';
import { BrokenPipe, type OpenFile, readAll } from '../shell/streams.js';
import type { Machine } from './machine.js';

/** How a process ended. */
export type ExitStatus =
  | { readonly code: number; readonly signal?: undefined }
  | { readonly signal: number; readonly code?: undefined };

/** Thrown inside a process that has been killed, to unwind it. */
export class Killed extends Error {
  override readonly name = 'Killed';

  constructor(readonly signal: number) {
    super(`killed by signal ${signal}`);
  }
}

/** What a program does. Its number is the exit code. */
export type Program = (process: Process, args: readonly string[]) => number | Promise<number>;

/** What a new process starts with. */
export interface ProcessStart {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly files: Map<number, OpenFile>;
  readonly parent?: Process | undefined;
  /** The systemd unit whose control group it lives in. */
  readonly unit: string;
  readonly umask?: number;
}

/** A process of a simulated guest: its environment, open files and fate. Text is byte strings throughout. */
export class Process {
  argv: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  uid: number;
  gid: number;
  umask: number;
  readonly open: Map<number, OpenFile>;
  readonly ppid: number;
  unit: string;
  session: number;
  /** Signals that the process catches instead of dying, with what came in. */
  readonly caught = new Map<number, () => void>();
  readonly ignored = new Set<number>();
  readonly exited: Promise<ExitStatus>;
  status: ExitStatus | undefined;
  killedBy: number | undefined;
  /** Seconds after the guest's boot. */
  readonly startedAtSeconds: number;
  readonly #abort = new AbortController();
  #finish: (status: ExitStatus) => void = () => {};

  constructor(
    readonly machine: Machine,
    readonly pid: number,
    start: ProcessStart,
  ) {
    this.argv = start.argv;
    this.startedAtSeconds = machine.uptimeSeconds();
    this.env = new Map(start.env);
    this.cwd = start.cwd;
    this.uid = start.uid;
    this.gid = start.gid;
    this.umask = start.umask ?? start.parent?.umask ?? 0o022;
    this.open = start.files;
    this.ppid = start.parent?.pid ?? 1;
    this.unit = start.unit;
    this.session = start.parent?.session ?? pid;
    this.exited = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get files(): FileTree {
    return this.machine.files;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Throws when the process has been killed. Called wherever a process could be interrupted. */
  check(): void {
    if (this.killedBy !== undefined) throw new Killed(this.killedBy);
  }

  /** Delivers a signal. */
  kill(signal: number): void {
    if (this.status !== undefined || signal === 0) return;
    const handler = this.caught.get(signal);
    if (signal !== 9 && handler !== undefined) {
      handler();
      return;
    }
    if (signal !== 9 && this.ignored.has(signal)) return;
    if (signal === 17 || signal === 18 || signal === 28 || signal === 19 || signal === 20) return;
    this.killedBy = signal;
    this.#abort.abort();
  }

  /** Waits in the guest's time; throws when killed meanwhile. */
  async sleep(ms: number): Promise<void> {
    await this.machine.sleep(ms, this.#abort.signal);
    this.check();
  }

  /** Waits for something else of the guest; throws when killed meanwhile. */
  async waitFor<T>(event: Promise<T>): Promise<T> {
    const abort = this.#abort.signal;
    if (!abort.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          abort.removeEventListener('abort', done);
          resolve();
        };
        abort.addEventListener('abort', done, { once: true });
        event.then(done, done);
      });
    }
    this.check();
    return event;
  }

  /** An absolute path, from one that may be relative to the working directory. */
  path(path: string): string {
    return normalisePath(path, this.cwd).replace(/^\/proc\/self(?=\/|$)/, `/proc/${this.pid}`);
  }

  async write(fd: number, text: string): Promise<void> {
    if (text === '') return;
    const file = this.open.get(fd);
    if (file?.write === undefined) return;
    try {
      await file.write(text);
    } catch (error) {
      if (error instanceof BrokenPipe) throw new Killed(13);
      throw error;
    }
    this.check();
  }

  out(text: string): Promise<void> {
    return this.write(1, text);
  }

  err(text: string): Promise<void> {
    return this.write(2, text);
  }

  /** A complaint in the form `name: text`, on standard error; yields the exit code. */
  async fail(text: string, code = 1): Promise<number> {
    await this.err(`${this.name}: ${text}\n`);
    return code;
  }

  /** The name that the program was called by, without its directory. */
  get name(): string {
    return (this.argv[0] ?? '').replace(/^.*\//, '');
  }

  /** All of standard input. */
  async input(): Promise<string> {
    const text = await this.waitFor(readAll(this.open.get(0)));
    return text;
  }

  /** A piece of standard input; undefined at its end. */
  async read(limit?: number): Promise<string | undefined> {
    const read = this.open.get(0)?.read;
    return read === undefined ? undefined : this.waitFor(read(limit));
  }

  /** Closes its files and lets those who wait know. */
  finish(status: ExitStatus): void {
    if (this.status !== undefined) return;
    this.status = status;
    for (const file of this.open.values()) release(file);
    this.open.clear();
    this.#finish(status);
  }
}

/** One descriptor less; the last one closes. */
export function release(file: OpenFile): void {
  file.holders -= 1;
  if (file.holders === 0) file.close();
}

/** A copy of a table of open files, sharing them. */
export function shareFiles(files: ReadonlyMap<number, OpenFile>): Map<number, OpenFile> {
  for (const file of files.values()) file.holders += 1;
  return new Map(files);
}
