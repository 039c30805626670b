import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRealClock } from '../../clock/create-clock.js';
import { writeIso } from '../../cloudinit-drive/write-iso.js';
import type { FileStore } from '../../storage/file-store.js';
import type {
  AttachedDrive,
  DiskFile,
  GuestDefinition,
  GuestExit,
  GuestRuntime,
  RuntimeHost,
} from '../guest-runtime.js';
import { requirePrograms } from './programs.js';
import { createQemuRuntime } from './qemu-runtime.js';

const hasQemu = await requirePrograms().then(
  () => true,
  () => false,
);

// Guests without an operating system: everything that does not depend on one.
describe.runIf(hasQemu)('real QEMU processes', () => {
  let directory: string;
  let runtime: GuestRuntime;
  let record: RuntimeHost['record'];
  const runtimes: GuestRuntime[] = [];

  const host = (): RuntimeHost => ({
    clock: createRealClock(),
    release: '9.2',
    files: directoryStore(directory),
    record,
    random: Math.random,
    changed: () => {},
    persistent: false,
    runDirectory: async () => join(directory, 'r'),
  });
  const disk = (name: string, format: DiskFile['format'] = 'qcow2'): DiskFile => ({
    node: 'pve',
    path: `/var/lib/vz/images/100/${name}.${format}`,
    format,
  });
  const drive = (
    key: string,
    file: DiskFile | undefined,
    media: 'disk' | 'cdrom' = 'disk',
  ): AttachedDrive => ({
    key,
    media,
    options: {},
    ...(file === undefined ? {} : { file }),
  });
  const guest = (drives: AttachedDrive[], config: Record<string, string> = {}): GuestDefinition => ({
    vmid: 100,
    node: 'pve',
    name: 'tiny',
    config: {
      memory: '64',
      scsihw: 'virtio-scsi-pci',
      serial0: 'socket',
      agent: '1',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
      ...config,
    },
    drives,
  });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'qr-'));
    record = { disks: {}, guests: {}, containers: {} };
    runtime = await createQemuRuntime(host(), { survives: false });
    runtimes.push(runtime);
  });
  afterEach(async () => {
    for (const each of runtimes.splice(0)) await each.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('start, pause, resume, reset and end, and tell how they ended', async () => {
    const exits: GuestExit[] = [];
    runtime.onExit((exit) => exits.push(exit));
    await runtime.disks.create(disk('vm-100-disk-0'), 16 * 2 ** 20);
    await runtime.start(guest([drive('scsi0', disk('vm-100-disk-0'))]), {});
    const { pid, qmpStatus, machine } = expectRunning(runtime);
    expect({ qmpStatus, machine }).toEqual({
      qmpStatus: 'running',
      machine: expect.stringMatching(/^pc-i440fx-/),
    });
    await runtime.pause(100);
    expect(expectRunning(runtime).qmpStatus).toBe('paused');
    await runtime.resume(100);
    await runtime.reset(100);
    expect(expectRunning(runtime).qmpStatus).toBe('running');
    expect(await runtime.monitor(100, 'info status')).toContain('running');
    await runtime.stop(100);
    expect(runtime.process(100)).toBeUndefined();
    expect(exits).toEqual([{ vmid: 100, reason: 'stopped' }]);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('that crash are told apart from those that were stopped', async () => {
    const crashed = new Promise<GuestExit>((resolve) => runtime.onExit(resolve));
    await runtime.start(guest([]), { paused: true });
    expect(expectRunning(runtime).qmpStatus).toBe('prelaunch');
    process.kill(expectRunning(runtime).pid, 'SIGKILL');
    expect(await crashed).toEqual({ vmid: 100, reason: 'crashed' });
  });

  it('are found again by the next life of a lab that died', async () => {
    const first = await createQemuRuntime(host(), { survives: true });
    await first.start(guest([]), {});
    const { pid } = expectRunning(first);
    first.detach();
    const second = await createQemuRuntime(host(), { survives: true });
    runtimes.push(second);
    expect(second.process(100)).toBeUndefined();
    await second.recover();
    expect(expectRunning(second).pid).toBe(pid);
    expect(expectRunning(second).definition.name).toBe('tiny');
    await second.stop(100);
    expect(record.guests).toEqual({});
  });

  it('that are gone when the lab comes back are forgotten', async () => {
    record.guests[100] = {
      pid: 1,
      startTicks: '-1',
      startedAtMs: 0,
      directory,
      definition: JSON.stringify(guest([])),
    };
    await runtime.recover();
    expect(runtime.process(100)).toBeUndefined();
    expect(record.guests).toEqual({});
  });

  it('take disks, NICs and media while they run', async () => {
    await runtime.disks.create(disk('vm-100-disk-0'), 16 * 2 ** 20);
    await runtime.disks.create(disk('vm-100-disk-1', 'raw'), 8 * 2 ** 20);
    const iso = { node: 'pve', path: '/var/lib/vz/template/iso/seed.iso', format: 'raw' as const };
    put(
      directory,
      iso.path,
      writeIso({ label: 'cidata', files: new Map([['meta-data', Buffer.from('x')]]), joliet: true }),
    );
    const first = guest([drive('scsi0', disk('vm-100-disk-0')), drive('ide2', undefined, 'cdrom')]);
    await runtime.start(first, {});
    await runtime.hotplug(
      guest(
        [
          drive('scsi0', disk('vm-100-disk-0')),
          drive('scsi1', disk('vm-100-disk-1', 'raw')),
          drive('ide2', iso, 'cdrom'),
        ],
        {
          net1: 'virtio=BC:24:11:00:00:02,bridge=vmbr0,link_down=1',
        },
      ),
    );
    const block = await runtime.monitor(100, 'info block');
    expect(block).toContain('seed.iso');
    expect(block).toContain('vm-100-disk-1.raw');
    expect(await runtime.monitor(100, 'info network')).toContain('net1');
    await runtime.resizeDrive(100, 'scsi0', 32 * 2 ** 20);
    expect((await runtime.disks.inspect(disk('vm-100-disk-0')))?.sizeBytes).toBe(32 * 2 ** 20);
    await runtime.hotplug(
      guest(
        [
          drive('scsi0', disk('vm-100-disk-0')),
          drive('scsi1', disk('vm-100-disk-1', 'raw')),
          drive('ide2', undefined, 'cdrom'),
        ],
        {
          net1: 'virtio=BC:24:11:00:00:02,bridge=vmbr0,link_down=1',
        },
      ),
    );
    expect(await runtime.monitor(100, 'info block')).not.toContain('seed.iso');
  });

  it('have their disks snapshotted and copied while they run', async () => {
    await runtime.disks.create(disk('vm-100-disk-0'), 16 * 2 ** 20);
    await runtime.start(guest([drive('scsi0', disk('vm-100-disk-0'))]), {});
    await runtime.disks.snapshot(disk('vm-100-disk-0'), 'before');
    expect((await runtime.disks.inspect(disk('vm-100-disk-0')))?.snapshots).toEqual(['before']);
    await runtime.disks.copy(disk('vm-100-disk-0'), disk('copy', 'raw'), {});
    expect(await runtime.disks.inspect(disk('copy', 'raw'))).toMatchObject({
      format: 'raw',
      sizeBytes: 16 * 2 ** 20,
    });
    await runtime.disks.deleteSnapshot(disk('vm-100-disk-0'), 'before');
    expect((await runtime.disks.inspect(disk('vm-100-disk-0')))?.snapshots).toEqual([]);
  });

  it('keep their memory in a file and take it up again', async () => {
    const state: DiskFile = disk('vm-100-state-x', 'raw');
    await runtime.disks.create(state, 64 * 2 ** 20);
    await runtime.start(guest([]), {});
    await runtime.pause(100);
    await runtime.saveState(100, state);
    await runtime.stop(100);
    await runtime.start(guest([]), { stateFile: state });
    expect(expectRunning(runtime).qmpStatus).toBe('running');
  });

  it('that cannot start leave the reason in the log', async () => {
    const log: string[] = [];
    const started = runtime.start(guest([drive('scsi0', disk('nothing'))]), {
      log: (line) => log.push(line),
    });
    await expect(started).rejects.toThrow('QEMU exited with code 1');
    expect(log.join('\n')).toContain('No such file or directory');
    expect(runtime.process(100)).toBeUndefined();
  });

  it('without an operating system have no agent, and say so in time', async () => {
    await runtime.start(guest([]), {});
    await expect(runtime.agent(100, { execute: 'guest-ping' }, { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'GuestAgentTimeout',
    });
  });

  it('have linked clones that follow their base by a relative path, and images that are converted by content', async () => {
    const base = disk('base-100-disk-0');
    const upload: DiskFile = { node: 'pve', path: '/var/lib/vz/import/x.qcow2', format: 'qcow2' };
    const bytes = Buffer.alloc(2 ** 20, 'p');
    put(directory, '/raw', bytes);
    put(directory, upload.path, Buffer.alloc(0));
    execFileSync('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'qcow2',
      join(directory, 'raw'),
      join(directory, upload.path),
    ]);
    const seen: number[] = [];
    await runtime.disks.copy(upload, base, { progress: (done) => seen.push(done) });
    expect(seen.at(-1)).toBe(1);
    const clone: DiskFile = {
      node: 'pve',
      path: '/var/lib/vz/images/101/vm-101-disk-0.qcow2',
      format: 'qcow2',
    };
    await runtime.disks.cloneLinked(base, clone);
    expect(await runtime.disks.inspect(clone)).toMatchObject({ backingPath: base.path, sizeBytes: 2 ** 20 });
    await runtime.disks.snapshot(clone, 's');
    await runtime.disks.rollback(clone, 's');
    await runtime.disks.copy(clone, disk('flat', 'raw'), { snapshot: 's' });
    const flat = readFileSync(join(directory, '/var/lib/vz/images/100/flat.raw'));
    expect(createHash('sha256').update(flat).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    await runtime.disks.remove(clone);
    await runtime.disks.remove(clone);
    expect(await runtime.disks.inspect(clone)).toBeUndefined();
  });
});

describe('programs that are missing', () => {
  it('are named with the packages that hold them', async () => {
    await expect(requirePrograms('/nowhere')).rejects.toMatchObject({
      code: 'LAB_RUNTIME',
      message: 'real guests need qemu-system-x86_64 and qemu-img, which this machine does not have',
      hint: expect.stringContaining('apt-get install qemu-system-x86 qemu-utils'),
    });
  });
});

function expectRunning(runtime: GuestRuntime) {
  const process = runtime.process(100);
  if (process === undefined) throw new Error('the guest does not run');
  return process;
}

function put(directory: string, path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), bytes);
}

/** As much of a file store as the runtime uses: where files really are. */
function directoryStore(root: string): FileStore {
  const unused = (): never => {
    throw new Error('not used here');
  };
  return {
    stat: unused,
    read: unused,
    write: unused,
    rename: unused,
    copy: unused,
    remove: unused,
    list: unused,
    realPath: (_node, path) => join(root, path),
  };
}
