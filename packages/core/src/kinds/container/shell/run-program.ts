import { spawn } from 'node:child_process';

/** How a program of this machine ended. */
export interface ProgramResult {
  /** Absent when a signal ended it. */
  readonly exitCode?: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** One of the outputs was longer than `maxBytes`. */
  readonly truncated: boolean;
  /** It was ended because `timeoutMs` had passed. */
  readonly timedOut: boolean;
}

const killAfterMs = 2_000;

/**
 * Runs a program of this machine without a shell, with bytes in both directions, and waits for its end. It is ended when the time is over or the
 * signal aborts.
 * @throws the error of the system when it cannot be started (`ENOENT`); the reason of `signal`
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: {
    readonly stdin: Uint8Array;
    readonly timeoutMs: number;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
  },
): Promise<ProgramResult> {
  const { stdin, timeoutMs, maxBytes, signal } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, args, { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
    let timedOut = false;
    let truncated = false;
    const collect = (stream: NodeJS.ReadableStream): Buffer[] => {
      const pieces: Buffer[] = [];
      let size = 0;
      stream.on('data', (piece: Buffer) => {
        const room = maxBytes - size;
        if (piece.length > room) truncated = true;
        pieces.push(piece.subarray(0, Math.max(0, room)));
        size += piece.length;
      });
      return pieces;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let insist: NodeJS.Timeout | undefined;
    const end = () => {
      child.kill('SIGTERM');
      insist ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(insist);
      signal.removeEventListener('abort', end);
    };
    // A program that ends without having read everything shows in its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (exitCode) => {
      settle();
      if (signal.aborted) return reject(signal.reason);
      resolve({
        ...(exitCode === null ? {} : { exitCode }),
        stdout: new Uint8Array(Buffer.concat(stdout)),
        stderr: new Uint8Array(Buffer.concat(stderr)),
        truncated,
        timedOut,
      });
    });
  });
}
