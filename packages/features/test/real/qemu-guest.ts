import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuestShell } from '../../src/index.js';
import { UnreachableError } from '../local-guest.js';

/** A real guest under QEMU, without a hypervisor's help, reached through its guest agent's socket. */
export interface QemuGuest {
  readonly shell: GuestShell;
  /** What went to the agent since the start: commands, and the requests that they took (start, and looks for the end). */
  readonly counts: { commands: number; requests: number };
  /** Runs a line of shell there. */
  sh(line: string): Promise<{ readonly exitCode: number; readonly output: string }>;
  serialLog(): string;
  close(): void;
}

/** Starts a linked clone of an image that holds the QEMU guest agent; resolves when the agent answers. */
export async function startQemuGuest(options: {
  readonly image: string;
  /** Further disks, raw, that the guest may only read. */
  readonly disks?: readonly string[];
  readonly memoryMib?: number;
  readonly diskGib?: number;
  /** A guest that runs already, by its agent's socket: nothing is started, and nothing ended. */
  readonly socket?: string;
}): Promise<QemuGuest> {
  const directory = mkdtempSync(join(tmpdir(), 'phx-'));
  const disk = join(directory, 'disk.qcow2');
  const socket = options.socket ?? join(directory, 'qga.sock');
  const made = spawnSync('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    options.image,
    '-F',
    'qcow2',
    disk,
    `${options.diskGib ?? 2}G`,
  ]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const drives = [
    `file=${disk},if=virtio,cache=unsafe`,
    ...(options.disks ?? []).map((file) => `file=${file},if=virtio,format=raw,readonly=on`),
  ];
  const qemu = spawn(
    options.socket === undefined ? 'qemu-system-x86_64' : 'true',
    [
      ...['-machine', 'pc', '-accel', 'tcg,thread=multi,tb-size=128', '-cpu', 'Nehalem', '-smp', '2'],
      ...[
        '-m',
        String(options.memoryMib ?? 512),
        '-display',
        'none',
        '-nodefaults',
        '-serial',
        `file:${directory}/serial.log`,
      ],
      ...drives.flatMap((drive) => ['-drive', drive]),
      // It leads nowhere; without any the guest would wait two minutes for one at each start.
      ...['-netdev', 'user,id=net0,restrict=on,ipv6=off', '-device', 'virtio-net-pci,netdev=net0,romfile='],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,path=${socket},server=on,wait=off,id=qga0`],
      ...['-device', 'virtserialport,chardev=qga0,name=org.qemu.guest_agent.0', '-device', 'virtio-rng-pci'],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const agent = createAgent(socket);
  const counts = { commands: 0, requests: 0 };
  const shell: GuestShell = {
    description: 'a QEMU guest (its agent)',
    run: async ({ argv, stdin, timeoutMs = 60_000 }) => {
      counts.commands += 1;
      counts.requests += 1;
      const [path, ...args] = argv;
      const started = await agent.call('guest-exec', {
        path,
        arg: args,
        'capture-output': true,
        ...(stdin === undefined ? {} : { 'input-data': Buffer.from(stdin).toString('base64') }),
      });
      const pid = numberOf(started, 'pid');
      const deadline = Date.now() + timeoutMs;
      for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
        counts.requests += 1;
        const status = await agent.call('guest-exec-status', { pid });
        if (fieldOf(status, 'exited') === true) {
          const signal = fieldOf(status, 'signal');
          return {
            ...(typeof signal === 'number'
              ? { signalNumber: signal }
              : { exitCode: numberOf(status, 'exitcode') }),
            stdout: bytesOf(status, 'out-data'),
            stderr: bytesOf(status, 'err-data'),
            truncated: fieldOf(status, 'out-truncated') === true,
          };
        }
        if (Date.now() > deadline) throw new UnreachableError(`no end within ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
    writeFile: () => Promise.reject(new Error('not needed here')),
    readFile: () => Promise.reject(new Error('not needed here')),
  };
  const guest: QemuGuest = {
    shell,
    counts,
    sh: async (line) => {
      const {
        exitCode = -1,
        stdout,
        stderr,
      } = await shell.run({ argv: ['/bin/sh', '-c', line], timeoutMs: 300_000 });
      return { exitCode, output: Buffer.concat([stdout, stderr]).toString() };
    },
    serialLog: () =>
      existsSync(join(directory, 'serial.log')) ? readFileSync(join(directory, 'serial.log'), 'utf8') : '',
    close: () => {
      agent.close();
      endProcess(qemu);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await waitForAgent(agent, qemu);
  } catch (error) {
    const log = guest.serialLog().slice(-2_000);
    guest.close();
    throw new Error(`the guest did not come up: ${String(error)}\n${log}`);
  }
  return guest;
}

function endProcess(child: ChildProcess): void {
  if (child.exitCode === null) child.kill('SIGKILL');
}

async function waitForAgent(agent: Agent, qemu: ChildProcess): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    if (qemu.exitCode !== null && qemu.exitCode !== 0) throw new Error(`QEMU ended with ${qemu.exitCode}`);
    try {
      await agent.call('guest-ping', {});
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

interface Agent {
  call(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

/** One connection, one command at a time; every command begins with guest-sync, so that old answers are skipped. */
function createAgent(path: string): Agent {
  let socket: Socket | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let sync = 0;
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const made = connect(path, () => resolve(made));
      made.once('error', (error) => reject(new UnreachableError(error.message)));
    });
  const exchange = async (command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> => {
    socket ??= await open();
    const live = socket;
    sync += 1;
    const wanted = sync;
    return new Promise((resolve, reject) => {
      let text = '';
      let synced = false;
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        live.off('data', read);
        act();
      };
      const timer = setTimeout(() => {
        finish(() => reject(new UnreachableError(`the agent did not answer ${command}`)));
        live.destroy();
        socket = undefined;
      }, 20_000);
      const read = (bytes: Buffer): void => {
        text += bytes.toString('latin1').replaceAll('\u00ff', '');
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
          const line = text.slice(0, end);
          text = text.slice(end + 1);
          if (line.trim() === '') continue;
          const answer: unknown = JSON.parse(line);
          if (!synced) {
            synced = fieldOf(answer, 'return') === wanted;
            if (synced) live.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
            continue;
          }
          const error = fieldOf(answer, 'error');
          const desc = String(fieldOf(error, 'desc'));
          // A pid that is unknown is one from before a restart of the agent.
          if (error === undefined) finish(() => resolve(fieldOf(answer, 'return')));
          else finish(() => reject(/pid/.test(desc) ? new UnreachableError(desc) : new Error(desc)));
          return;
        }
      };
      live.on('data', read);
      live.write(`\u00ff${JSON.stringify({ execute: 'guest-sync', arguments: { id: wanted } })}\n`, 'latin1');
    });
  };
  return {
    call: (command, args) => {
      const result = queue.then(() => exchange(command, args));
      queue = result.catch(() => undefined);
      return result;
    },
    close: () => socket?.destroy(),
  };
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function numberOf(value: unknown, key: string): number {
  const found = fieldOf(value, key);
  if (typeof found !== 'number') throw new Error(`expected a number ${key}, got ${JSON.stringify(value)}`);
  return found;
}

function bytesOf(value: unknown, key: string): Uint8Array {
  const found = fieldOf(value, key);
  return typeof found === 'string' ? Buffer.from(found, 'base64') : new Uint8Array();
}
