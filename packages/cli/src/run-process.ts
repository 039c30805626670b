import { once } from 'node:events';
import type { Context, Output } from './context.js';
import { run } from './run.js';

/**
 * Runs the command line of this process. The first Ctrl-C or SIGTERM aborts the context's signal: the request in
 * flight finishes and what is left running is said; the second one leaves at once.
 */
export async function runProcess(): Promise<void> {
  const interruption = new AbortController();
  const context: Context = {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: createOutput(process.stdout),
    stderr: createOutput(process.stderr),
    signal: interruption.signal,
  };
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.on(signal, () => {
      if (interruption.signal.aborted) {
        if (context.stdout.isTerminal) context.stdout.write('\u001b[?25h');
        process.exit(code);
      }
      context.stderr.write('\nStopping: the request in flight is finished first. Again to leave at once.\n');
      interruption.abort(signal);
    });
  // A reader that has seen enough (`phoenix plan | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });

  process.exitCode = await run(process.argv.slice(2), context);
  // Idle keep-alive sockets and an open stdin must not hold the process once everything is written.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit();
}

function createOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns ?? 80,
    rows: () => stream.rows ?? 24,
  };
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await once(stream, 'drain');
}
