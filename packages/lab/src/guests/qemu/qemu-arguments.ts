import type { GuestDefinition } from '../guest-runtime.js';
import { bootIndexes, type DriveFile, driveArguments } from './drive-arguments.js';
import type { GuestFiles } from './guest-files.js';
import { machineTypeOf } from './machine-type.js';
import { nicArguments } from './nic-arguments.js';
import type { Accelerator } from './programs.js';
import { isOn, propertyParts } from './property-parts.js';
import type { UserNetwork } from './user-network.js';

/** What the command line depends on beside the guest's configuration. */
export interface QemuSurroundings {
  readonly accelerator: Accelerator;
  readonly files: GuestFiles;
  /** The image behind each drive, by config key. */
  readonly drives: ReadonlyMap<string, DriveFile>;
  /** The user-mode network behind each NIC, by config key. */
  readonly networks: ReadonlyMap<string, UserNetwork>;
  /** A file with the memory of an earlier run. */
  readonly statePath?: string;
}

/** CPU models that QEMU translates well. Anything newer is replaced: a modern model makes translation up to twice as slow, or lacks what it announces. */
const TRANSLATABLE = new Set(['Nehalem', 'Westmere', 'qemu64', 'kvm64', 'Penryn', 'Conroe', 'core2duo']);

/** How much translated code QEMU keeps, in MiB: enough for a booting Linux, and half of QEMU's default in memory. */
const TRANSLATION_CACHE_MIB = 128;

/**
 * QEMU's arguments for a guest, as its PVE configuration asks for: machine, processors, memory, drives, NICs, serial ports, agent port, SMBIOS.
 * Differences from a real node, all for want of its host: user-mode networks instead of bridges, no ballooning, no USB tablet, no host devices.
 *
 * @throws Error what cannot be run here (`bios: ovmf`, a display that is not there), in one sentence.
 */
export function qemuArguments(guest: GuestDefinition, around: QemuSurroundings): readonly string[] {
  const { config } = guest;
  if (config.bios === 'ovmf') throw new Error('the lab starts guests with SeaBIOS only, not with OVMF');
  return [
    '-name',
    `${guest.name.replaceAll(',', ',,')},debug-threads=on`,
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    ...machineArguments(guest, around),
    ...displayArguments(config),
    ...firmwareTables(config),
    '-qmp',
    `unix:${around.files.monitor},server=on,wait=off`,
    '-pidfile',
    around.files.pid,
    ...serialArguments(config, around.files),
    ...agentArguments(config, around.files),
    ...driveArguments(guest, around.drives, bootIndexes(guest)),
    ...nicArguments(guest, around.networks, bootIndexes(guest)),
    '-device',
    'virtio-rng-pci',
    ...(around.statePath === undefined ? [] : ['-incoming', `exec:cat '${around.statePath}'`]),
    '-S',
    ...(config.args === undefined ? [] : shellWords(config.args)),
  ];
}

function machineArguments(guest: GuestDefinition, around: QemuSurroundings): string[] {
  const { config } = guest;
  const wantsKvm = config.kvm === undefined || isOn(config.kvm);
  const accelerator = wantsKvm ? around.accelerator : 'tcg';
  const sockets = Number(config.sockets ?? 1);
  const cores = Number(config.cores ?? 1);
  const count = Math.min(Number(config.vcpus ?? sockets * cores), sockets * cores);
  const memoryMib = propertyParts(config.memory, 'current').current ?? '512';
  return [
    '-machine',
    `${machineTypeOf(config)},usb=off,vmport=off`,
    '-accel',
    accelerator === 'kvm' ? 'kvm' : `tcg,thread=multi,tb-size=${TRANSLATION_CACHE_MIB}`,
    '-cpu',
    cpuModel(config, accelerator),
    '-smp',
    `${count},sockets=${sockets},cores=${cores},maxcpus=${sockets * cores}`,
    '-m',
    memoryMib,
  ];
}

function cpuModel(config: Readonly<Record<string, string>>, accelerator: 'kvm' | 'tcg'): string {
  const wanted = propertyParts(config.cpu, 'cputype').cputype ?? 'kvm64';
  if (accelerator === 'tcg') return TRANSLATABLE.has(wanted) && wanted !== 'kvm64' ? wanted : 'Nehalem';
  return wanted === 'max' || wanted.startsWith('x86-64-') || wanted.startsWith('custom-') ? 'host' : wanted;
}

function displayArguments(config: Readonly<Record<string, string>>): string[] {
  const type = propertyParts(config.vga, 'type').type ?? 'std';
  if (type === 'none' || type.startsWith('serial')) return ['-vga', 'none'];
  return ['-vga', type === 'cirrus' ? 'cirrus' : 'std'];
}

function firmwareTables(config: Readonly<Record<string, string>>): string[] {
  const { base64, ...fields } = propertyParts(config.smbios1, 'uuid');
  const values = Object.entries(fields).map(([key, value]) => {
    const text = isOn(base64) && key !== 'uuid' ? Buffer.from(value, 'base64').toString('utf8') : value;
    return `${key}=${text.replaceAll(',', ',,')}`;
  });
  const args = values.length > 0 ? ['-smbios', `type=1,${values.join(',')}`] : [];
  if (config.vmgenid !== undefined && config.vmgenid !== '0')
    args.push('-device', `vmgenid,guid=${config.vmgenid}`);
  return args;
}

function serialArguments(config: Readonly<Record<string, string>>, files: GuestFiles): string[] {
  const args: string[] = [];
  for (let index = 0; index < 4; index++) {
    const value = config[`serial${index}`];
    if (value === undefined) continue;
    const log = index === 0 ? `,logfile=${files.serialLog},logappend=off` : '';
    args.push('-chardev', `socket,id=serial${index},path=${files.serial(index)},server=on,wait=off${log}`);
    args.push('-device', `isa-serial,chardev=serial${index},index=${index}`);
  }
  return args;
}

function agentArguments(config: Readonly<Record<string, string>>, files: GuestFiles): string[] {
  const agent = propertyParts(config.agent, 'enabled');
  if (!isOn(agent.enabled)) return [];
  const chardev = ['-chardev', `socket,id=qga0,path=${files.agent},server=on,wait=off`];
  if (agent.type === 'isa') return [...chardev, '-device', 'isa-serial,chardev=qga0'];
  return [
    ...chardev,
    '-device',
    'virtio-serial-pci,id=qga',
    '-device',
    'virtserialport,chardev=qga0,name=org.qemu.guest_agent.0',
  ];
}

/** Words as a shell would take them apart, with single and double quotes and backslashes. */
function shellWords(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, escaped, double, single) => escaped ?? double?.replace(/\\(.)/g, '$1') ?? single ?? '',
    ),
  );
}
