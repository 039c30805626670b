import type { GuestDefinition, RuntimeHost } from '../guest-runtime.js';
import { GuestAgent } from './agent/guest-agent.js';
import { CloudInit } from './boot/cloud-init.js';
import { applyNetwork, createInterfaces, readNetworkConfig } from './boot/network.js';
import { type GuestSeed, readSeed } from './boot/seed.js';
import { cloudInitProgram } from './commands/cloud-init-program.js';
import { startUnit } from './commands/systemd.js';
import type { DiskRecord } from './disk-record.js';
import { readDiskRecord, toJson } from './disk-record.js';
import { FileTree } from './files/file-tree.js';
import { baseImage } from './images/base-image.js';
import type { Distribution } from './images/distributions.js';
import { programs } from './programs.js';
import type { GuestBehaviour, GuestScripts } from './scripting.js';
import { diskKey } from './simulated-disks.js';
import { placeDisks } from './system/disk-devices.js';
import { kernelFile } from './system/kernel-files.js';
import { type GuestDisk, type Hardware, Machine } from './system/machine.js';

/** How long a guest takes for the steps of its boot, in milliseconds of lab time. */
const virtualTimes = { agentMs: 9000, cloudInitMs: 4000, shutdownMs: 2000, rebootMs: 2000 };
const realTimes = { agentMs: 1500, cloudInitMs: 700, shutdownMs: 500, rebootMs: 500 };

/** A guest that has power: its process, and the system that boots in it. */
export class RunningGuest {
  definition: GuestDefinition;
  readonly pid: number;
  readonly startedAtMs: number;
  paused = false;
  machine: Machine | undefined;
  agent: GuestAgent | undefined;
  cloudInit: CloudInit | undefined;
  /** The system disk's files, while the system runs. */
  files: FileTree | undefined;
  #cancel: (() => void)[] = [];
  #generation = 0;
  #shuttingDown = false;
  readonly #times: typeof virtualTimes;

  constructor(
    private readonly host: RuntimeHost,
    private readonly scripts: GuestScripts,
    definition: GuestDefinition,
    pid: number,
    private readonly off: (reason: 'shutdown' | 'crashed') => void,
  ) {
    this.definition = definition;
    this.pid = pid;
    this.startedAtMs = host.clock.now();
    this.#times = host.clock.kind === 'virtual' ? virtualTimes : realTimes;
  }

  get behaviour(): GuestBehaviour {
    return this.scripts.behaviourOf(this.definition.vmid);
  }

  /** Power on, or reset: the system boots. */
  boot(): void {
    this.#generation += 1;
    const generation = this.#generation;
    this.#halt();
    this.#shuttingDown = false;
    const { agentMs } = this.behaviour;
    const delay = typeof agentMs === 'number' ? agentMs : this.#times.agentMs;
    this.#cancel.push(this.host.clock.schedule(delay, () => void this.#comeUp(generation)));
  }

  /** The disk that the guest boots from: the first bootable one that holds a system. */
  systemDisk(): { key: string; record: DiskRecord } | undefined {
    const order = /order=([^,]+)/.exec(this.definition.config.boot ?? '')?.[1]?.split(';') ?? [];
    const drives = this.definition.drives.filter(
      (drive) => drive.media === 'disk' && drive.file !== undefined && !/^(efidisk|tpmstate)/.test(drive.key),
    );
    const sorted = [
      ...order.flatMap((key) => drives.filter((drive) => drive.key === key)),
      ...drives.filter((drive) => !order.includes(drive.key)),
    ];
    for (const drive of sorted) {
      if (drive.file === undefined) continue;
      const key = diskKey(drive.file);
      const record = readDiskRecord(this.host.record.disks[key]);
      if (record?.image !== undefined) return { key, record };
    }
    return undefined;
  }

  async #comeUp(generation: number): Promise<void> {
    const disk = this.systemDisk();
    if (disk === undefined || generation !== this.#generation) return;
    const { distribution, files: image } = baseImage(disk.record.image ?? 'ubuntu 24.04');
    const stored: unknown = this.host.record.disks[disk.key];
    const changes = disk.record.changes;
    const save = () => {
      if (typeof stored === 'object' && stored !== null) this.#dirty(disk.key, disk.record);
    };
    const files = new FileTree(
      image,
      changes,
      () => Math.floor(this.host.clock.now() / 1000),
      save,
      (path) => (this.machine === undefined ? undefined : kernelFile(this.machine, path)),
    );
    const machine = new Machine({
      clock: this.host.clock,
      files,
      random: this.host.random,
      programs: new Map([...programs, ['cloud-init', cloudInitProgram(() => this.cloudInit)]]),
      reply: (line, script) => this.scripts.reply(this.definition.vmid, line, script),
      hardware: this.#hardware(),
      power: (action) => this.power(action),
    });
    const seed = await readSeed(this.host, this.definition);
    if (generation !== this.#generation) return;
    this.files = files;
    this.machine = machine;
    this.cloudInit = distribution.full ? new CloudInit(machine, seed, distribution.defaultUser) : undefined;
    this.#initialise(machine, distribution, seed);
    await this.#startServices(machine, distribution);
    const never = this.behaviour.agentMs === 'never';
    if (!never) this.agent = new GuestAgent(machine, distribution, this.host.clock.kind === 'virtual');
    if (this.cloudInit === undefined) return;
    const { cloudInitMs, cloudInitError } = this.behaviour;
    void this.cloudInit.run(cloudInitError, cloudInitMs ?? this.#times.cloudInitMs);
  }

  readonly #unsaved = new Map<string, DiskRecord>();
  #saving = false;

  /** Writes changed files into the state soon, many at once. */
  #dirty(key: string, record: DiskRecord): void {
    this.#unsaved.set(key, record);
    if (this.#saving) return;
    this.#saving = true;
    setImmediate(() => this.save());
  }

  /** Writes what has changed on disks into the state now. */
  save(): void {
    this.#saving = false;
    if (this.#unsaved.size === 0) return;
    for (const [key, record] of this.#unsaved) {
      const current = readDiskRecord(this.host.record.disks[key]);
      if (current !== undefined)
        Reflect.set(this.host.record.disks, key, toJson({ ...current, changes: record.changes }));
    }
    this.#unsaved.clear();
    this.host.changed();
  }

  #hardware(): Hardware {
    const { config } = this.definition;
    const memory = /^(?:current=)?(\d+)/.exec(config.memory ?? '512')?.[1] ?? '512';
    return {
      cpus: () => Number(this.definition.config.sockets ?? 1) * Number(this.definition.config.cores ?? 1),
      memoryBytes: Number(memory) * 2 ** 20,
      diskBytes: () => this.systemDisk()?.record.sizeBytes ?? 0,
      disks: () => this.#disks(),
      format: (slot, filesystem) => this.#format(slot, filesystem),
      nics: () => this.#macs(),
    };
  }

  /** SCSI and SATA disks are `sd…`, virtio ones `vd…`, each in the order of their slots. */
  #disks(): GuestDisk[] {
    const counts = { sd: 0, vd: 0 };
    return this.definition.drives
      .filter((drive) => drive.media === 'disk' && /^(ide|sata|scsi|virtio)/.test(drive.key))
      .sort((left, right) => left.key.localeCompare(right.key, 'en', { numeric: true }))
      .flatMap((drive) => {
        const record = drive.file && readDiskRecord(this.host.record.disks[diskKey(drive.file)]);
        if (record === undefined) return [];
        const prefix = drive.key.startsWith('virtio') ? 'vd' : 'sd';
        const name = `${prefix}${String.fromCharCode(97 + counts[prefix])}`;
        counts[prefix] += 1;
        const filesystem = record.filesystem ?? (record.image === undefined ? undefined : 'ext4');
        return [{ name, slot: drive.key, sizeBytes: record.sizeBytes, filesystem }];
      });
  }

  #format(slot: string, filesystem: string): void {
    const file = this.definition.drives.find((drive) => drive.key === slot)?.file;
    const record = file && readDiskRecord(this.host.record.disks[diskKey(file)]);
    if (file === undefined || record === undefined) return;
    Reflect.set(this.host.record.disks, diskKey(file), toJson({ ...record, filesystem }));
    this.host.changed();
  }

  #macs(): string[] {
    return Object.keys(this.definition.config)
      .filter((key) => /^net\d+$/.test(key))
      .sort((left, right) => Number(left.slice(3)) - Number(right.slice(3)))
      .map(
        (key) =>
          /([0-9a-f]{2}(?::[0-9a-f]{2}){5})/i.exec(this.definition.config[key] ?? '')?.[1]?.toLowerCase() ??
          '',
      );
  }

  /** What the kernel and the init system do before services start. */
  #initialise(machine: Machine, distribution: Distribution, seed: GuestSeed | undefined): void {
    const { files } = machine;
    for (const directory of ['/run/lock', '/run/systemd/system', '/run/cloud-init', '/run/user'])
      files.makeDirectory(directory, { parents: true });
    for (const name of files.isDirectory('/tmp') ? files.list('/tmp') : [])
      files.remove(`/tmp/${name}`, true);
    for (const name of files.isDirectory('/proc') ? files.list('/proc') : [])
      if (/^\d+$/.test(name)) files.remove(`/proc/${name}`, true);
    const draw = (length: number) =>
      Array.from({ length }, () => Math.floor(this.host.random() * 16).toString(16)).join('');
    files.write(
      '/proc/sys/kernel/random/boot_id',
      `${draw(8)}-${draw(4)}-4${draw(3)}-a${draw(3)}-${draw(12)}\n`,
    );
    const machineId = files.readIfThere('/etc/machine-id')?.trim();
    if (distribution.full && (machineId === undefined || machineId === '' || machineId === 'uninitialized'))
      files.write('/etc/machine-id', `${draw(32)}\n`, { mode: 0o444 });
    machine.kernelHostname = files.readIfThere('/etc/hostname')?.trim() || 'localhost';
    if (distribution.full) this.cloudInit?.early();
    else {
      const name = /^(?:local-hostname|hostname):\s*(\S+)/m.exec(
        `${seed?.userData ?? ''}\n${seed?.metaData ?? ''}`,
      )?.[1];
      if (name !== undefined) machine.kernelHostname = name;
    }
    placeDisks(machine);
    createInterfaces(machine, (index) => (distribution.full ? `ens${18 + index}` : `eth${index}`));
    this.#configureNetwork(machine, distribution, seed);
  }

  #configureNetwork(machine: Machine, distribution: Distribution, seed: GuestSeed | undefined): void {
    const { files } = machine;
    const netplan = '/etc/netplan/50-cloud-init.yaml';
    const isNew = this.cloudInit?.isNewInstance ?? true;
    let source = distribution.full ? files.readIfThere(netplan) : undefined;
    if (isNew || source === undefined) {
      source =
        seed?.networkConfig ?? 'version: 2\nethernets:\n  all:\n    match: {name: "*"}\n    dhcp4: true\n';
      if (distribution.full) {
        files.makeDirectory('/etc/netplan', { parents: true });
        const body = /^network:/m.test(source) ? source : `network:\n${source.replace(/^(?=.)/gm, '  ')}`;
        files.write(netplan, body, { mode: 0o600 });
      }
    }
    const { vmid } = this.definition;
    try {
      applyNetwork(machine, readNetworkConfig(source), (index) => ({
        family: 'ipv4',
        address: `10.0.${(Math.floor(vmid / 200) + index) % 250}.${(vmid % 200) + 20}`,
        prefix: 16,
      }));
    } catch (error) {
      this.cloudInit?.status.warnings.push(
        `failed to read network configuration: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      );
    }
  }

  async #startServices(machine: Machine, distribution: Distribution): Promise<void> {
    if (!distribution.full) return;
    const { files } = machine;
    for (const unit of [
      'systemd-journald.service',
      'systemd-udevd.service',
      'systemd-logind.service',
      'dbus.service',
      'qemu-guest-agent.service',
      'multi-user.target',
      'graphical.target',
      'network-online.target',
    ]) {
      machine.units.set(unit, {
        active: 'active',
        sub: unit.endsWith('.target') ? 'active' : 'running',
        mainPid: unit.endsWith('.target') ? 0 : machine.newPid(),
      });
    }
    const root = '/etc/systemd/system';
    for (const name of files.isDirectory(root) ? files.list(root) : []) {
      if (!name.endsWith('.wants')) continue;
      for (const unit of files.list(`${root}/${name}`)) {
        if (!machine.units.isMasked(unit) && machine.units.path(unit) !== undefined)
          void startUnit(machine, unit);
      }
    }
  }

  /** The guest has been asked to go down (ACPI, agent, or by itself). A system that still boots does not hear it. */
  power(action: 'poweroff' | 'reboot'): void {
    if (this.machine === undefined || this.#shuttingDown || this.behaviour.ignoresShutdown === true) return;
    this.#shuttingDown = true;
    const delay = this.behaviour.shutdownMs ?? this.#times.shutdownMs;
    this.#cancel.push(
      this.host.clock.schedule(delay, () => {
        this.save();
        if (action === 'reboot') this.boot();
        else this.off('shutdown');
      }),
    );
  }

  /** The definition has changed while the guest runs: what the guest sees of it. */
  hotplug(definition: GuestDefinition): void {
    this.definition = definition;
    const { machine } = this;
    if (machine === undefined) return;
    placeDisks(machine);
    const macs = this.#macs();
    for (const mac of macs) {
      if (!machine.interfaces.some((nic) => nic.mac === mac))
        machine.interfaces.push({ name: `eth${machine.interfaces.length}`, mac, addresses: [], up: false });
    }
    const kept = machine.interfaces.filter((nic) => macs.includes(nic.mac));
    machine.interfaces.splice(0, machine.interfaces.length, ...kept);
  }

  #halt(): void {
    for (const cancel of this.#cancel.splice(0)) cancel();
    this.machine?.halt();
    this.save();
    this.machine = undefined;
    this.agent = undefined;
    this.cloudInit = undefined;
    this.files = undefined;
  }

  /** Power off at once. */
  stop(): void {
    this.#generation += 1;
    this.#halt();
  }
}
