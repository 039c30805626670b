import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestDefinition, GuestExit, GuestProcess } from '../guest-runtime.js';
import type { GuestFiles } from './guest-files.js';
import { isOnPath } from './programs.js';
import { createQgaClient, type QgaClient } from './qga-client.js';
import { connectQmp, type QmpClient } from './qmp-client.js';

/** One QEMU process with its monitor and agent connections. */
export interface RunningGuest {
  readonly vmid: number;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly files: GuestFiles;
  readonly monitor: QmpClient;
  readonly agent: QgaClient;
  readonly machine: string;
  /** As QMP's events told last. */
  status: GuestProcess['qmpStatus'];
  definition: GuestDefinition;
  /** Set before the process is ended on purpose. */
  isStopping: boolean;
  /** Resolves when the process is gone. */
  readonly ended: Promise<GuestExit['reason']>;
}

/** What is known of a QEMU that an earlier life of the lab started. */
export interface GuestTrace {
  readonly pid: number;
  /** The process's start in clock ticks since boot: tells it from a later one with the same pid. */
  readonly startTicks: string;
  readonly startedAtMs: number;
}

/**
 * Starts QEMU and waits for its monitor; the guest's processors do not run yet.
 *
 * @param survives Whether the process outlives the lab; otherwise the kernel ends it with the lab, however that ends.
 * @throws Error `QEMU exited with code N`; `log` gets what it wrote.
 */
export async function launchGuest(
  definition: GuestDefinition,
  files: GuestFiles,
  args: readonly string[],
  options: { survives: boolean; log?: (line: string) => void; signal?: AbortSignal },
): Promise<RunningGuest> {
  await rm(files.directory, { recursive: true, force: true });
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  const startedAtMs = Date.now();
  const child = await spawnQemu(args, files, options.survives);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(null));
  });
  const connected = waitForMonitor(files.monitor, exited, options.signal);
  const monitor = await connected.catch(async (error: unknown) => {
    child.kill('SIGKILL');
    const code = await exited;
    for (const line of (await readFile(files.errors, 'utf8').catch(() => '')).split('\n')) {
      if (line !== '') options.log?.(line);
    }
    if (options.signal?.aborted) throw error;
    throw new Error(`QEMU exited with code ${code ?? 1}`, { cause: error });
  });
  return attach(definition, files, monitor, { pid: child.pid ?? 0, startedAtMs, exited });
}

/** Takes up a QEMU that still runs; undefined when it is gone. */
export async function adoptGuest(
  definition: GuestDefinition,
  files: GuestFiles,
  trace: GuestTrace,
): Promise<RunningGuest | undefined> {
  if ((await startTicksOf(trace.pid)) !== trace.startTicks) return undefined;
  const monitor = await connectQmp(files.monitor).catch(() => undefined);
  if (monitor === undefined) return undefined;
  return attach(definition, files, monitor, {
    pid: trace.pid,
    startedAtMs: trace.startedAtMs,
    exited: undefined,
  });
}

/** When a process started, in clock ticks since boot (field 22 of /proc/PID/stat); undefined when there is no such process, or only its remains. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

async function attach(
  definition: GuestDefinition,
  files: GuestFiles,
  monitor: QmpClient,
  process: { pid: number; startedAtMs: number; exited: Promise<unknown> | undefined },
): Promise<RunningGuest> {
  const agent = createQgaClient(files.agent);
  let shutByGuest = false;
  let markClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve;
  });
  const guest: RunningGuest = {
    vmid: definition.vmid,
    pid: process.pid,
    startedAtMs: process.startedAtMs,
    files,
    monitor,
    agent,
    machine: await machineOf(monitor),
    status: statusOf((await monitor.execute('query-status')) ?? {}),
    definition,
    isStopping: false,
    ended: closed.then(async () => {
      agent.close();
      await (process.exited ?? gone(process.pid));
      if (guest.isStopping) return 'stopped';
      return shutByGuest ? 'shutdown' : 'crashed';
    }),
  };
  monitor.onClose(markClosed);
  monitor.onEvent(({ event, data }) => {
    if (event === 'STOP') guest.status = 'paused';
    else if (event === 'RESUME' || event === 'WAKEUP') guest.status = 'running';
    else if (event === 'SUSPEND') guest.status = 'suspended';
    else if (event === 'GUEST_PANICKED') guest.status = 'internal-error';
    else if (event === 'SHUTDOWN') shutByGuest = data.guest === true;
  });
  return guest;
}

async function spawnQemu(
  args: readonly string[],
  files: GuestFiles,
  survives: boolean,
): Promise<ChildProcess> {
  const program = 'qemu-system-x86_64';
  const errors = openSync(files.errors, 'w', 0o600);
  try {
    const stdio = ['ignore', errors, errors] as const;
    if (survives || !(await isOnPath('setpriv')))
      return spawn(program, args, { stdio: [...stdio], detached: survives });
    return spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: [...stdio] });
  } finally {
    closeSync(errors);
  }
}

async function waitForMonitor(
  path: string,
  exited: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<QmpClient> {
  let isGone = false;
  void exited.then(() => {
    isGone = true;
  });
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await connectQmp(path);
    } catch (error) {
      if (isGone) throw error;
    }
    await delay(20);
  }
}

async function gone(pid: number): Promise<void> {
  while ((await startTicksOf(pid)) !== undefined) await delay(50);
}

async function machineOf(monitor: QmpClient): Promise<string> {
  const type = await monitor
    .execute('qom-get', { path: '/machine', property: 'type' })
    .catch(() => 'pc-machine');
  return String(type).replace(/-machine$/, '');
}

function statusOf(answer: unknown): GuestProcess['qmpStatus'] {
  const status =
    typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : undefined;
  if (status === 'running' || status === 'prelaunch' || status === 'suspended') return status;
  return status === 'inmigrate' ? 'prelaunch' : status === 'internal-error' ? 'internal-error' : 'paused';
}
