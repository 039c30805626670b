import { open, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonValue } from '../../state/json.js';
import type {
  AttachedDrive,
  GuestDefinition,
  GuestExit,
  GuestRuntime,
  RuntimeHost,
} from '../guest-runtime.js';
import { GuestAgentTimeout } from '../guest-runtime.js';
import type { DriveFile } from './drive-arguments.js';
import { guestFiles } from './guest-files.js';
import { hotplugGuest } from './hotplug.js';
import { type Nic, nicsOf } from './nic-arguments.js';
import { openImageOf } from './open-image.js';
import { findAccelerator, requirePrograms } from './programs.js';
import { qemuArguments } from './qemu-arguments.js';
import { createQemuDisks, realPathOf } from './qemu-disks.js';
import { createReadings } from './readings.js';
import { adoptGuest, launchGuest, type RunningGuest, startTicksOf } from './running-guest.js';
import { type UserNetwork, userNetworkOf } from './user-network.js';

/** Media larger than this are not looked into for a network configuration. */
const SEED_LIMIT_BYTES = 16 * 1024 * 1024;
/** How long QEMU may take to end after `quit` before it is killed. */
const QUIT_MS = 10_000;
/** QEMU closes its sockets a moment before its process is gone. */
const GONE_MS = 1000;

/** Options of the runtime of real guests. */
export interface QemuRuntimeOptions {
  /**
   * True when the lab keeps its state: guests then live on when the lab's process dies, and its next life finds them again. Otherwise they end with the
   * process, however it ends.
   */
  readonly survives: boolean;
}

/** A runtime whose guests can be left to a successor. */
export interface QemuRuntime extends GuestRuntime {
  /** Lets go of all guests without ending them; the next runtime on the same records takes them up. */
  detach(): void;
}

/**
 * Real guests: every one is a QEMU process, its disks are image files, its agent is the one in the guest. KVM where it works, else emulation.
 *
 * @throws LabError `LAB_RUNTIME` when QEMU is not installed, naming the packages.
 */
export async function createQemuRuntime(
  host: RuntimeHost,
  options: QemuRuntimeOptions,
): Promise<QemuRuntime> {
  await requirePrograms();
  const accelerator = await findAccelerator();
  const running = new Map<number, RunningGuest>();
  const listeners = new Set<(exit: GuestExit) => void>();
  const readings = createReadings();

  const driveFile = async (drive: AttachedDrive): Promise<DriveFile | undefined> => {
    if (drive.file === undefined) return undefined;
    const path = realPathOf(host.files, drive.file);
    return { path, format: drive.media === 'cdrom' ? await formatOf(path) : drive.file.format };
  };
  const network = async (guest: GuestDefinition, nic: Nic): Promise<UserNetwork> => {
    const seeds: Uint8Array[] = [];
    for (const drive of guest.drives) {
      if (drive.media !== 'cdrom') continue;
      const file = await driveFile(drive);
      if (
        file?.format === 'raw' &&
        ((await stat(file.path).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY) <= SEED_LIMIT_BYTES
      ) {
        seeds.push(await readFile(file.path));
      }
    }
    return userNetworkOf(guest.config, Number(nic.key.slice(3)), nic.mac, seeds);
  };

  const keep = async (guest: RunningGuest): Promise<void> => {
    running.set(guest.vmid, guest);
    host.record.guests[guest.vmid] = {
      pid: guest.pid,
      startTicks: (await startTicksOf(guest.pid)) ?? '',
      startedAtMs: guest.startedAtMs,
      directory: dirname(guest.files.directory),
      definition: JSON.stringify(guest.definition),
    };
    host.changed();
    void guest.ended.then((reason) => {
      if (running.get(guest.vmid) !== guest) return;
      running.delete(guest.vmid);
      delete host.record.guests[guest.vmid];
      host.changed();
      for (const listener of listeners) listener({ vmid: guest.vmid, reason });
    });
  };
  const find = (vmid: number): RunningGuest => {
    const guest = running.get(vmid);
    if (guest === undefined) throw new Error(`VM ${vmid} not running`);
    return guest;
  };
  const end = async (guest: RunningGuest): Promise<void> => {
    guest.isStopping = true;
    void guest.monitor.execute('quit').catch(() => {});
    const timer = new AbortController();
    const late = delay(QUIT_MS, true, { signal: timer.signal }).catch(() => false);
    if (await Promise.race([guest.ended.then(() => false), late])) {
      if ((await startTicksOf(guest.pid)) !== undefined) process.kill(guest.pid, 'SIGKILL');
      await guest.ended;
    }
    timer.abort();
  };

  const disks = createQemuDisks(host.files, (path) => {
    for (const guest of running.values()) {
      for (const drive of guest.definition.drives) {
        if (
          drive.media === 'disk' &&
          drive.file !== undefined &&
          realPathOf(host.files, drive.file) === path
        ) {
          return openImageOf(guest, drive.key, path);
        }
      }
    }
    return undefined;
  });

  return {
    kind: 'qemu',
    disks,
    recover: async () => {
      for (const [vmid, record] of Object.entries(host.record.guests)) {
        const trace = parseTrace(record);
        if (trace === undefined) continue;
        const guest = await adoptGuest(trace.definition, guestFiles(trace.directory, Number(vmid)), trace);
        if (guest === undefined) delete host.record.guests[vmid];
        else await keep(guest);
      }
    },
    start: async (guest, { paused, stateFile, log, signal }) => {
      if (running.has(guest.vmid)) throw new Error(`VM ${guest.vmid} already running`);
      const files = guestFiles(await host.runDirectory(), guest.vmid);
      const drives = new Map<string, DriveFile>();
      for (const drive of guest.drives) {
        const file = await driveFile(drive);
        if (file !== undefined) drives.set(drive.key, file);
      }
      const networks = new Map<string, UserNetwork>();
      for (const nic of nicsOf(guest.config)) networks.set(nic.key, await network(guest, nic));
      const args = qemuArguments(guest, {
        accelerator,
        files,
        drives,
        networks,
        ...(stateFile === undefined ? {} : { statePath: realPathOf(host.files, stateFile) }),
      });
      const launched = await launchGuest(guest, files, args, {
        survives: options.survives,
        ...(log === undefined ? {} : { log }),
        ...(signal === undefined ? {} : { signal }),
      });
      await keep(launched);
      for (const nic of nicsOf(guest.config)) {
        if (nic.isLinkDown) await launched.monitor.execute('set_link', { name: `dev-${nic.key}`, up: false });
      }
      if (stateFile !== undefined) await incomingDone(launched);
      if (!paused) await launched.monitor.execute('cont');
    },
    stop: async (vmid) => {
      const guest = running.get(vmid);
      if (guest !== undefined) await end(guest);
    },
    powerdown: async (vmid) => {
      await find(vmid).monitor.execute('system_powerdown');
    },
    reset: async (vmid) => {
      await find(vmid).monitor.execute('system_reset');
    },
    pause: async (vmid) => {
      await find(vmid).monitor.execute('stop');
    },
    resume: async (vmid) => {
      const guest = find(vmid);
      await guest.monitor.execute(guest.status === 'suspended' ? 'system_wakeup' : 'cont');
    },
    saveState: async (vmid, stateFile) => {
      const guest = find(vmid);
      await guest.monitor.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
      await guest.monitor.execute('migrate', { uri: `exec:cat > '${realPathOf(host.files, stateFile)}'` });
      await migrationDone(guest);
    },
    hotplug: (guest) => hotplugGuest(find(guest.vmid), guest, { driveFile, network }),
    resizeDrive: async (vmid, key, sizeBytes) => {
      await find(vmid).monitor.execute('block_resize', { 'node-name': `drive-${key}`, size: sizeBytes });
    },
    process: (vmid) => {
      const guest = running.get(vmid);
      if (guest === undefined) return undefined;
      return {
        pid: guest.pid,
        startedAtMs: guest.startedAtMs,
        qmpStatus: guest.status,
        definition: guest.definition,
        qemuVersion: guest.monitor.version,
        machine: guest.machine,
        readings: readings.of(guest),
      };
    },
    agent: async (vmid, command, { timeoutMs, signal }) => {
      const guest = running.get(vmid);
      if (guest === undefined) throw new GuestAgentTimeout(`VM ${vmid} not running`);
      const answer = guest.agent.execute(command, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
      // The agent answers a shutdown only when it refuses: the end of the guest is the answer.
      return command.execute === 'guest-shutdown' ? endOr(guest, answer) : answer;
    },
    monitor: async (vmid, command) =>
      String((await find(vmid).monitor.execute('human-monitor-command', { 'command-line': command })) ?? ''),
    sendKey: async (vmid, key) => {
      const said = await find(vmid).monitor.execute('human-monitor-command', {
        'command-line': `sendkey ${key}`,
      });
      if (said !== '' && said !== null) throw new Error(String(said).trim());
    },
    attachSerial: (vmid, index, { output, ended }) => {
      const guest = running.get(vmid);
      if (guest?.definition.config[`serial${index}`] === undefined) return undefined;
      const socket = connect({ path: guest.files.serial(index) });
      socket.on('data', output);
      socket.on('error', () => {});
      socket.on('close', ended);
      return { input: (bytes) => void socket.write(bytes), detach: () => socket.destroy() };
    },
    onExit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    detach: () => {
      const left = [...running.values()];
      running.clear();
      for (const guest of left) {
        guest.monitor.close();
        guest.agent.close();
      }
    },
    close: async () => {
      listeners.clear();
      const directories = new Set([...running.values()].map((guest) => guest.files.directory));
      await Promise.all([...running.values()].map(end));
      for (const directory of directories) {
        await rm(directory, { recursive: true, force: true });
        // An earlier life's directory for all its guests goes with the last of them.
        await rmdir(dirname(directory)).catch(() => {});
      }
    },
  };
}

/** The format of a CD-ROM medium: mostly bytes as they are, but PVE's cloud-init volumes may be qcow2 by name and either by content. */
async function formatOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'QFI\xfb' ? 'qcow2' : 'raw';
  } finally {
    await file.close();
  }
}

/** Resolves when the guest is gone, also where its agent's connection closed a moment before; otherwise with what the agent said. */
async function endOr(guest: RunningGuest, answer: Promise<JsonValue>): Promise<JsonValue> {
  const ended = guest.ended.then(() => ({}));
  try {
    return await Promise.race([answer, ended]);
  } catch (error) {
    const gone = await Promise.race([ended, delay(GONE_MS, undefined)]);
    if (gone === undefined) throw error;
    return gone;
  }
}

async function incomingDone(guest: RunningGuest): Promise<void> {
  for (;;) {
    const answer = await guest.monitor.execute('query-status');
    if (statusText(answer) !== 'inmigrate') return;
    await delay(50);
  }
}

async function migrationDone(guest: RunningGuest): Promise<void> {
  for (;;) {
    const status = statusText(await guest.monitor.execute('query-migrate'));
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled') throw new Error(`saving the guest's memory ${status}`);
    await delay(50);
  }
}

function statusText(answer: JsonValue): string | undefined {
  return typeof answer === 'object' && answer !== null && 'status' in answer
    ? String(answer.status)
    : undefined;
}

function parseTrace(
  record: JsonValue,
):
  | { pid: number; startTicks: string; startedAtMs: number; directory: string; definition: GuestDefinition }
  | undefined {
  if (typeof record !== 'object' || record === null || !('pid' in record)) return undefined;
  const definition: GuestDefinition = JSON.parse(String(record.definition));
  return {
    pid: Number(record.pid),
    startTicks: String(record.startTicks),
    startedAtMs: Number(record.startedAtMs),
    directory: String(record.directory),
    definition,
  };
}
