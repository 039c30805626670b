import type { OpenFile } from '../simulated/shell/streams.js';
import type { Machine } from '../simulated/system/machine.js';
import type { Program } from '../simulated/system/process.js';
import { serviceEnvironment } from '../simulated/system/run-in-machine.js';
import { runInteractiveShell } from './interactive-shell.js';
import { createTerminalLine } from './terminal-line.js';

/** A shell that has just started throws away what is typed within this time: it has not opened its terminal yet. */
const DEAF_MS = 300;
/** What one attached client can take before a second one makes pieces of it vanish. */
const SHARED_PIECE_BYTES = 4096;

/** The name, among the container's programs, of the shell behind its terminal. */
export const consoleShell = 'console-shell';

/** Who is attached to a session. */
export interface SessionListener {
  output(bytes: Uint8Array): void;
  ended(): void;
}

/**
 * The one terminal session of a container, as dtach keeps it: everybody who attaches joins the same shell, which lives on when they leave. With two
 * attached, long output loses pieces, for both.
 */
export class TerminalSession {
  readonly #listeners = new Set<SessionListener>();
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;
  #interrupted = false;
  #over = false;
  readonly #startedAtMs: number;
  readonly #line = createTerminalLine({
    line: (text) => {
      this.#lines.push(text);
      this.#wake?.();
    },
    interrupt: () => {
      this.#interrupted = true;
      this.#lines.length = 0;
      for (const process of this.machine.processes.values())
        if (process.unit === this.#unit && process.ppid === this.#shellPid) process.kill(2);
    },
    endOfInput: () => this.#end(),
    echo: (text) => this.#emit(text),
  });
  #shellPid = 0;
  #newlines = true;
  readonly #unit: string;

  constructor(
    private readonly machine: Machine,
    name: string,
    private readonly onEnd: () => void,
  ) {
    this.#unit = `console-${name}`;
    this.#startedAtMs = machine.clock.now();
  }

  attach(listener: SessionListener): void {
    this.#listeners.add(listener);
  }

  detach(listener: SessionListener): void {
    this.#listeners.delete(listener);
  }

  type(bytes: Uint8Array): void {
    if (this.machine.clock.now() - this.#startedAtMs < DEAF_MS) return;
    this.#line.type(bytes);
  }

  /** `stty`: what the line discipline is told. */
  configure(settings: readonly string[]): void {
    for (const setting of settings) {
      if (setting === 'echo') this.#line.echo = true;
      else if (setting === '-echo') this.#line.echo = false;
      else if (setting === 'onlcr') this.#newlines = true;
      else if (setting === '-onlcr') this.#newlines = false;
    }
  }

  get unit(): string {
    return this.#unit;
  }

  /** Starts the shell. The machine's programs must have it by then. */
  start(): void {
    const terminal = (): OpenFile => ({
      holders: 1,
      close: () => {},
      write: (text) => {
        this.#emit(this.#newlines ? text.replaceAll('\n', '\r\n') : text);
        return Promise.resolve();
      },
      read: () => this.#nextLine(),
    });
    const process = this.machine.spawn(
      {
        argv: ['-sh'],
        env: new Map([...serviceEnvironment, ['HOME', '/root'], ['TERM', 'xterm-256color']]),
        cwd: '/',
        uid: 0,
        gid: 0,
        unit: this.#unit,
        files: new Map([
          [0, terminal()],
          [1, terminal()],
          [2, terminal()],
        ]),
      },
      { kind: 'program', path: '/bin/sh', program: consoleShell },
    );
    this.#shellPid = process.pid;
    void process.exited.then(() => this.#end());
  }

  /** The program that the session's shell runs as. */
  readonly shell: Program = (process) =>
    runInteractiveShell(
      process,
      () => this.#nextLine(),
      () => {
        const was = this.#interrupted;
        this.#interrupted = false;
        return was;
      },
    );

  #nextLine(): Promise<string | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve(this.#lines.shift());
      };
    });
  }

  #emit(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    const shared = this.#listeners.size > 1;
    for (const listener of this.#listeners) {
      // Both read from the same socket buffer: what does not fit while the other reads is gone.
      listener.output(
        shared && bytes.length > SHARED_PIECE_BYTES ? bytes.subarray(0, SHARED_PIECE_BYTES) : bytes,
      );
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#wake?.();
    this.machine.killUnit(this.#unit, 9);
    this.onEnd();
    for (const listener of [...this.#listeners]) listener.ended();
    this.#listeners.clear();
  }
}
