import type { WireValue } from '../../observe/inventory.js';
import { readProperties } from '../property-string.js';

const diskSlot = /^(scsi|virtio|sata|ide)\d+$/;
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
  const disks: MachineDisk[] = [];
  for (const slot of Object.keys(config)
    .filter((key) => diskSlot.test(key))
    .sort()) {
    const value = config[slot];
    if (typeof value !== 'string') continue;
    const properties = readProperties(value);
    const volid = properties.get('') ?? properties.get('file') ?? properties.get('volume');
    if (
      volid === undefined ||
      volid === 'none' ||
      properties.get('media') === 'cdrom' ||
      isCloudInitVolume(volid)
    )
      continue;
    const bytes = parseDiskSize(properties.get('size') ?? '-');
    disks.push(bytes === undefined ? { slot, volid } : { slot, volid, bytes });
  }
  return disks;
}

/** The disk a machine boots from: the first disk of its boot order, else the first disk of the usual slots. */
export function findBootDisk(config: Readonly<Record<string, WireValue>>): MachineDisk | undefined {
  const disks = listMachineDisks(config);
  const order = /(?:^|,)order=([^,]*)/.exec(String(config.boot ?? ''))?.[1]?.split(';') ?? [];
  const bySlot = (slot: string) => disks.find((disk) => disk.slot === slot);
  for (const slot of order) {
    const disk = bySlot(slot);
    if (disk !== undefined) return disk;
  }
  return bySlot('scsi0') ?? bySlot('virtio0') ?? bySlot('sata0') ?? bySlot('ide0') ?? disks[0];
}

/** Proxmox VE's own test, by name (qemu-server QemuServer/Drive.pm drive_is_cloudinit). */
export function isCloudInitVolume(volid: string): boolean {
  return /[:/](vm-\d+-)?cloudinit(\.\w+)?$/.test(volid);
}
