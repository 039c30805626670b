import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestCommand, GuestCommandResult, GuestShell } from '../src/index.js';

/** What a test may do to one command. `before`: it never reaches the guest. `after`: it runs, the answer is lost. */
export type Cut = 'before' | 'after' | undefined;

/** A guest made of this machine's own /bin/sh and a directory; only commands that stay in the directory may run. */
export interface LocalGuest {
  readonly shell: GuestShell;
  readonly root: string;
  /** Commands that reached the guest, by script name. */
  readonly trips: string[];
  /** Everything that the commands were given on their command line. */
  readonly commandLines: string[];
  /** Ends every process of every job, as a guest agent that restarts does with what it started. */
  killJobs(): void;
  /** Another boot: a new boot id, no process left. */
  reboot(): void;
  /** Decides for each command whether it is cut; called with the script's name and its number, from 0. */
  cut: (script: string, index: number) => Cut;
  read(path: string): string;
  exists(path: string): boolean;
  /** Ids of the jobs whose directory is there. */
  jobs(): string[];
  /** Files below the root that hold a text. */
  grep(text: string): string[];
  close(): void;
}

export class UnreachableError extends Error {
  readonly code = 'GUEST_UNREACHABLE';
}

export function createLocalGuest(): LocalGuest {
  const root = mkdtempSync(join(tmpdir(), 'phoenix-guest-'));
  const boot = `${root}.boot`;
  let count = 0;
  let boots = 0;
  writeFileSync(boot, 'boot-0\n');
  const guest: LocalGuest = {
    root,
    trips: [],
    commandLines: [],
    cut: () => undefined,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    exists: (path) => readdirSync(root, { recursive: true }).map(String).includes(path),
    jobs: () => (existsSync(join(root, 'jobs')) ? readdirSync(join(root, 'jobs')) : []),
    grep: (text) =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => readFileSync(file).includes(text)),
    reboot: () => {
      guest.killJobs();
      boots += 1;
      writeFileSync(boot, `boot-${boots}\n`);
    },
    close: () => {
      guest.killJobs();
      rmSync(root, { recursive: true, force: true });
      rmSync(boot, { force: true });
    },
    killJobs: () => {
      for (const file of readdirSync(root, { recursive: true }).map(String)) {
        if (!/^jobs\/[^/]+\/pid$/.test(file)) continue;
        const pid = Number(readFileSync(join(root, file), 'utf8').split(' ')[0]);
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // It ended long ago.
        }
      }
    },
    shell: {
      description: 'a local guest',
      run: async (command) => {
        const script = (command.argv[3] ?? '').replace('phoenix-', '');
        const cut = guest.cut(script, count);
        count += 1;
        if (cut === 'before') throw new UnreachableError('the connection was refused');
        guest.trips.push(script);
        guest.commandLines.push(command.argv.join(' '));
        // The guest's own boot id, and no restart of the machine that runs the test.
        const argv = command.argv.map((arg) => arg.replaceAll('/proc/sys/kernel/random/boot_id', boot));
        if (script === 'reboot') guest.reboot();
        const result =
          script === 'reboot'
            ? await runLocally({ argv: ['/bin/true'] })
            : await runLocally({ ...command, argv });
        if (cut === 'after') throw new UnreachableError('the connection was cut');
        return result;
      },
      writeFile: async (path, content, options) => {
        writeFileSync(path, content, { mode: options?.mode ?? 0o600 });
      },
      readFile: async (path) => readFileSync(path),
    },
  };
  return guest;
}

function runLocally(command: GuestCommand): Promise<GuestCommandResult> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = command.argv;
    const child = spawn(program, args, { cwd: '/', env: { PATH: process.env.PATH ?? '' }, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.stdin ?? new Uint8Array());
    child.on('close', (code, signal) => {
      resolve({
        ...(code === null ? { signalNumber: signal === 'SIGKILL' ? 9 : 15 } : { exitCode: code }),
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr),
        truncated: false,
      });
    });
  });
}
