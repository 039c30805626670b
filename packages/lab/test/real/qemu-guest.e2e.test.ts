import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealClock } from '../../src/clock/create-clock.js';
import { writeCloudInitDrive } from '../../src/cloudinit-drive/cloud-init-drive.js';
import { generateCloudInitFiles } from '../../src/cloudinit-drive/cloud-init-files.js';
import { writeIso } from '../../src/cloudinit-drive/write-iso.js';
import type {
  AttachedDrive,
  DiskFile,
  GuestDefinition,
  GuestExit,
  RuntimeHost,
} from '../../src/guests/guest-runtime.js';
import { createQemuRuntime, type QemuRuntime } from '../../src/guests/qemu/qemu-runtime.js';
import { buildGuestImages } from '../../src/images/guest-images.js';
import type { JsonObject, JsonValue } from '../../src/state/json.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOQAcWlNMY+nhfKaEtPGxVFqUu9mtDjtM5hntABWvkQj ada@example';

/** Generous: a boot needs a minute of two processors, which a loaded machine does not give. */
const AGENT_MS = 480_000;

describe('a real guest behind the runtime port', () => {
  let directory: string;
  let runtime: QemuRuntime;
  const exits: GuestExit[] = [];
  const disk: DiskFile = { node: 'pve', path: '/images/100/vm-100-disk-0.qcow2', format: 'qcow2' };
  const extra: DiskFile = { node: 'pve', path: '/images/100/vm-100-disk-1.raw', format: 'raw' };
  const drive = (key: string, file: DiskFile, media: 'disk' | 'cdrom' = 'disk'): AttachedDrive => ({
    key,
    media,
    file,
    options: { discard: 'on' },
  });
  const iso = (name: string): DiskFile => ({ node: 'pve', path: `/iso/${name}.iso`, format: 'raw' });
  const guest = (drives: AttachedDrive[]): GuestDefinition => ({
    vmid: 100,
    node: 'pve',
    name: 'first',
    config: {
      memory: '512',
      cores: '2',
      cpu: 'host',
      scsihw: 'virtio-scsi-pci',
      boot: 'order=scsi0',
      serial0: 'socket',
      vga: 'serial0',
      agent: '1',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
    },
    drives,
  });

  const run = async (script: string, stdin = ''): Promise<string> => {
    const started = object(
      await runtime.agent(
        100,
        {
          execute: 'guest-exec',
          arguments: {
            path: '/bin/sh',
            arg: ['-c', script],
            'capture-output': true,
            'input-data': Buffer.from(stdin).toString('base64'),
          },
        },
        { timeoutMs: 30_000 },
      ),
    );
    for (;;) {
      const status = object(
        await runtime.agent(
          100,
          { execute: 'guest-exec-status', arguments: { pid: started.pid } },
          { timeoutMs: 30_000 },
        ),
      );
      if (status.exited === true)
        return Buffer.from(String(status['out-data'] ?? ''), 'base64')
          .toString('utf8')
          .trim();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const agentAnswers = async (): Promise<void> => {
    const end = Date.now() + AGENT_MS;
    for (;;) {
      try {
        await runtime.agent(100, { execute: 'guest-ping' }, { timeoutMs: 2000 });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  };
  const ended = (): Promise<GuestExit> =>
    new Promise((resolve) => {
      const stop = runtime.onExit((exit) => {
        stop();
        resolve(exit);
      });
    });

  beforeAll(async () => {
    const images = await buildGuestImages({ log: console.log });
    directory = mkdtempSync(join(tmpdir(), 'qg-'));
    const record: RuntimeHost['record'] = { disks: {}, guests: {}, containers: {} };
    const unused = (): never => {
      throw new Error('not used here');
    };
    runtime = await createQemuRuntime(
      {
        clock: createRealClock(),
        release: '9.2',
        files: {
          stat: unused,
          read: unused,
          write: unused,
          rename: unused,
          copy: unused,
          remove: unused,
          list: unused,
          realPath: (_node, path) => join(directory, path),
        },
        record,
        random: Math.random,
        changed: () => {},
        persistent: false,
        runDirectory: async () => join(directory, 'r'),
      },
      { survives: false },
    );
    runtime.onExit((exit) => exits.push(exit));
    const base: DiskFile = { node: 'pve', path: '/images/1/base.qcow2', format: 'qcow2' };
    mkdirSync(dirname(join(directory, base.path)), { recursive: true });
    copyFileSync(join(images, 'debian-lab.qcow2'), join(directory, base.path));
    await runtime.disks.cloneLinked(base, disk);
    await runtime.disks.resize(disk, 3 * 2 ** 30);
    await runtime.disks.create(extra, 16 * 2 ** 20);
    mkdirSync(join(directory, 'iso'), { recursive: true });
    const options = guest([]).config;
    const files = generateCloudInitFiles({
      vmid: 100,
      config: {
        ...options,
        name: 'first',
        ostype: 'l26',
        ciuser: 'ada',
        ciupgrade: '0',
        sshkeys: encodeURIComponent(KEY),
        ipconfig0: 'ip=10.77.0.9/24,gw=10.77.0.1',
        nameserver: '10.77.0.3',
      },
      hostDns: { nameservers: [] },
    });
    writeFileSync(join(directory, iso('one').path), writeCloudInitDrive(files));
    const second = new Map([['meta-data', Buffer.from('instance-id: two\n')]]);
    writeFileSync(
      join(directory, iso('two').path),
      writeIso({ label: 'cidata', joliet: true, files: second }),
    );
    const startedAt = Date.now();
    await runtime.start(guest([drive('scsi0', disk), drive('ide2', iso('one'), 'cdrom')]), {});
    await agentAnswers();
    console.log(`agent after ${Date.now() - startedAt} ms`);
    const status = await run('cloud-init status --wait --long');
    if (!status.includes('status: done'))
      throw new Error(
        `${status}\n${await run('grep -E "WARN|ERR|Trace" /var/log/cloud-init.log; tail -30 /var/log/cloud-init-output.log')}`,
      );
    console.log(`cloud-init done after ${Date.now() - startedAt} ms`);
  });
  afterAll(async () => {
    console.log(readFileSync(join(directory, 'r/100/serial.log'), 'utf8').slice(-300));
    await runtime?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('boots from the drive that PVE writes: host name, user and key, address and gateway, grown root file system', async () => {
    expect(await run('hostname; id -un ada; cat ~ada/.ssh/authorized_keys')).toBe(`first\nada\n${KEY}`);
    expect(await run('ip -4 -o addr show dev eth0; ip route show default')).toMatch(
      /10\.77\.0\.9\/24[\s\S]*default via 10\.77\.0\.1/,
    );
    expect(Number(await run('df -m --output=size / | tail -1'))).toBeGreaterThan(2800);
  });

  it('passes bytes through unchanged, on stdin, in arguments and in output', async () => {
    const text = 'größe — 日本語 🚀\0\x01';
    expect(await run('od -An -tx1 | tr -d " \\n"', text)).toBe(Buffer.from(text).toString('hex'));
    expect(await run('printf %s "größe 🚀"')).toBe('größe 🚀');
  });

  it('sees disks and media that come while it runs', async () => {
    await runtime.hotplug(
      guest([drive('scsi0', disk), drive('scsi1', extra), drive('ide2', iso('two'), 'cdrom')]),
    );
    expect(
      await run(
        'for i in $(seq 100); do [ -b /dev/sdb ] && break; sleep 0.1; done; lsblk -bno SIZE /dev/sdb',
      ),
    ).toBe(String(16 * 2 ** 20));
    expect(await run('mount -o ro /dev/sr0 /mnt && cat /mnt/meta-data; umount /mnt')).toContain(
      'instance-id: two',
    );
    await runtime.resizeDrive(100, 'scsi0', 4 * 2 ** 30);
    expect(await run('lsblk -bno SIZE /dev/sda | head -1')).toBe(String(4 * 2 ** 30));
    await runtime.hotplug(guest([drive('scsi0', disk), drive('ide2', iso('two'), 'cdrom')]));
    expect(await run('ls /dev/sdb 2>/dev/null || echo gone')).toBe('gone');
  });

  it('has a serial console that takes input and shows what the guest says', async () => {
    const seen: Buffer[] = [];
    const prompted = new Promise<void>((resolve, reject) => {
      const port = runtime.attachSerial?.(100, 0, {
        output: (bytes) => {
          seen.push(Buffer.from(bytes));
          if (Buffer.concat(seen).includes('login:')) resolve();
        },
        ended: () => reject(new Error('the console ended')),
      });
      port?.input(Buffer.from('\n'));
    });
    await prompted;
    expect(Buffer.concat(seen).toString()).toContain('first login:');
    expect(runtime.attachSerial?.(100, 1, { output: () => {}, ended: () => {} })).toBeUndefined();
  });

  it('does not answer while it is paused, and does again afterwards', async () => {
    await runtime.pause(100);
    await expect(runtime.agent(100, { execute: 'guest-ping' }, { timeoutMs: 300 })).rejects.toMatchObject({
      name: 'GuestAgentTimeout',
    });
    await runtime.resume(100);
    expect(await run('echo back')).toBe('back');
  });

  it('goes on from where it was when its memory was saved', async () => {
    const state: DiskFile = { node: 'pve', path: '/images/100/state.raw', format: 'raw' };
    await runtime.disks.create(state, 2 ** 30);
    await run('echo kept >/run/in-memory');
    const definition = guest([drive('scsi0', disk), drive('ide2', iso('two'), 'cdrom')]);
    await runtime.pause(100);
    await runtime.saveState(100, state);
    await runtime.stop(100);
    await runtime.start(definition, { stateFile: state });
    expect(await run('cat /run/in-memory')).toBe('kept');
  });

  it('powers off when ACPI asks it to, and says so itself', async () => {
    const end = ended();
    await runtime.powerdown(100);
    expect(await end).toEqual({ vmid: 100, reason: 'shutdown' });
    execFileSync('qemu-img', ['check', '-q', join(directory, disk.path)]);
  });
});

function object(value: JsonValue): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
