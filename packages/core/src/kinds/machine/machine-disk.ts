import type { WireValue } from '../../observe/inventory.js';
import { readProperty } from '../property-string.js';

const diskSlot = /^(scsi|virtio|sata|ide)\d+$/;
const usualBootSlots = ['scsi0', 'virtio0', 'sata0', 'ide0'] as const;
const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of a size as Proxmox VE prints it (`32G`, `2252M`, `528K`); undefined for anything else. */
export function parseDiskSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text);
  if (match === null) return undefined;
  const factor = units[match[2] ?? ''];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** A disk of a machine as its configuration has it. */
export interface MachineDisk {
  /** `scsi0`. */
  readonly slot: string;
  /** `local:101/vm-101-disk-0.qcow2`. */
  readonly volid: string;
  readonly bytes?: number;
}

/** Every disk (no CD-ROM, no cloud-init drive), by slot. */
export function listMachineDisks(config: Readonly<Record<string, WireValue>>): readonly MachineDisk[] {
  return Object.keys(config)
    .filter((key) => diskSlot.test(key))
    .sort()
    .flatMap((slot) => readDisk(slot, config[slot]) ?? []);
}

/** The volume of a drive, under whichever of its names; `none` for an empty CD-ROM. */
export function readVolume(drive: string): string | undefined {
  return readProperty(drive, '') ?? readProperty(drive, 'file') ?? readProperty(drive, 'volume');
}

function readDisk(slot: string, value: WireValue | undefined): MachineDisk | undefined {
  if (typeof value !== 'string') return undefined;
  const volid = readVolume(value);
  if (
    volid === undefined ||
    volid === 'none' ||
    readProperty(value, 'media') === 'cdrom' ||
    isCloudInitVolume(volid)
  )
    return undefined;
  const bytes = parseDiskSize(readProperty(value, 'size') ?? '-');
  return bytes === undefined ? { slot, volid } : { slot, volid, bytes };
}

/** The disk a machine boots from: the first disk of its boot order, else the first disk of the usual slots. */
export function findBootDisk(config: Readonly<Record<string, WireValue>>): MachineDisk | undefined {
  const order = readProperty(String(config.boot ?? ''), 'order')?.split(';') ?? [];
  return firstDisk(order, config) ?? firstDisk(usualBootSlots, config) ?? listMachineDisks(config)[0];
}

function firstDisk(
  slots: readonly string[],
  config: Readonly<Record<string, WireValue>>,
): MachineDisk | undefined {
  for (const slot of slots) {
    const disk = diskSlot.test(slot) ? readDisk(slot, config[slot]) : undefined;
    if (disk !== undefined) return disk;
  }
  return undefined;
}

/** Proxmox VE's own test, by name (qemu-server QemuServer/Drive.pm drive_is_cloudinit). */
export function isCloudInitVolume(volid: string): boolean {
  return /[:/](vm-\d+-)?cloudinit(\.\w+)?$/.test(volid);
}
