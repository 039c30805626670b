import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startShellSession } from './shell-session.js';
import { createTerminalJob } from './terminal-job.js';

const signal = new AbortController().signal;
const hasPrograms = (...names: readonly string[]) =>
  names.every((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0);

/** A shell on a terminal of this machine, as the one behind a container's: `script` (util-linux) makes the terminal. */
function openRealTerminal(shell: string) {
  const child = spawn('script', ['-qfec', shell, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  return {
    output: child.stdout,
    write: (input: Uint8Array | string) =>
      new Promise<void>((resolve, reject) => {
        child.stdin.write(input, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      child.stdin.destroy();
      child.kill('SIGKILL');
    },
  };
}

/** Ctrl-C ends a shell that is just starting; then there is a new one. */
async function enter(shell: string) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startShellSession(openRealTerminal(shell), 100, signal);
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function finish(job: ReturnType<typeof createTerminalJob>, shell: string) {
  for (;;) {
    const session = await enter(shell);
    try {
      const trip = await job.trip(session);
      if (trip.state === 'ended') return trip.result;
      expect(trip.state).toBe('running');
    } finally {
      session.close();
    }
  }
}

describe.each([
  ['bash', 'bash --norc -i'],
  ['dash', 'dash -i'],
  ['busybox', 'busybox sh -i'],
])('on a real terminal with %s, a job', (name, shell) => {
  it.skipIf(!hasPrograms('script', name))(
    'gets its bytes and gives back its own, whatever they are',
    async () => {
      const bytes = Buffer.concat([
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        randomBytes(200_000),
      ]);
      const job = createTerminalJob(100, {
        argv: ['sh', '-c', 'cat; printf "%s|" "$@" >&2; exit 7', 'sh', "it's", '$HOME', 'a\nb', 'x=1'],
        stdin: bytes,
      });
      const result = await finish(job, shell);
      expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
      expect(Buffer.from(result.stderr).toString()).toBe("it's|$HOME|a\nb|x=1|");
      expect(result.exitCode).toBe(7);
    },
  );

  it.skipIf(!hasPrograms('script', name))('outlives its terminal, and runs once', async () => {
    const job = createTerminalJob(100, { argv: ['sh', '-c', 'echo $$; sleep 4; echo end'] });
    const result = await finish(job, shell);
    expect(Buffer.from(result.stdout).toString()).toMatch(/^\d+\nend\n$/);
  });
});
