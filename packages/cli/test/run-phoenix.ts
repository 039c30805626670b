import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What a run of the command line left behind. */
export interface RunResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout as JSON; for runs with `--json`. */
  readonly json: () => readonly Record<string, unknown>[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard input; default none. */
  readonly input?: string;
  /** Called with everything printed so far, in the order of its arrival, whenever something is; may signal the process. */
  readonly watch?: (output: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Called once with the means to signal the process, for what its output does not tell. */
  readonly started?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the built command line as a process of its own. Of this process' environment it gets only PATH and HOME. */
export function runPhoenix(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: options.cwd,
      env: { PATH, HOME, XDG_STATE_HOME: `${options.cwd}/state`, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A process that is killed reads no more.
    child.stdin.on('error', () => {}).end(options.input ?? '');
    let stdout = '';
    let stderr = '';
    let output = '';
    const onText = (text: string) => {
      output += text;
      options.watch?.(output, (signal) => void child.kill(signal));
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onText(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onText(text);
    });
    options.started?.((signal) => void child.kill(signal));
    child.on('error', reject);
    child.on('close', (status) =>
      resolve({
        status,
        stdout,
        stderr,
        json: () =>
          stdout
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line)),
      }),
    );
  });
}
