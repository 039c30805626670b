import type { WireValue } from '../../observe/inventory.js';
import { isCloudInitVolume, readVolume } from './machine-disk.js';

/** The drive of a machine that holds a seed of Phoenix. A clone starts with its source's. */
export interface SeedDrive {
  /** `ide2`. */
  readonly slot: string;
  readonly volid: string;
  /** The guest the seed was made for. */
  readonly vmid: number;
  /** First digits of the seed's digest. */
  readonly digest: string;
}

const driveSlot = /^(ide|sata|scsi)\d+$/;
const seedFile = /:iso\/phoenix-(\d+)-([0-9a-f]+)\.iso$/;

/** The file name of a seed: whose it is and what it contains. */
export function printSeedFileName(vmid: number, digest: string): string {
  return `phoenix-${vmid}-${digest.slice(0, 12)}.iso`;
}

/** Reads a seed's volume id; undefined for any other volume. */
export function readSeedVolume(
  volid: string,
): { readonly vmid: number; readonly digest: string } | undefined {
  const match = seedFile.exec(volid);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { vmid: Number(match[1]), digest: match[2] };
}

const cdromSlots = ['ide2', 'ide0', 'ide3', 'ide1', 'sata5', 'sata4'] as const;

function volumeOf(value: WireValue | undefined): string | undefined {
  return typeof value === 'string' ? readVolume(value) : undefined;
}

/** The drive that holds a seed of Phoenix, whoever's; the first by its slot where there are several. */
export function findSeedDrive(config: Readonly<Record<string, WireValue>>): SeedDrive | undefined {
  let first: SeedDrive | undefined;
  for (const slot in config) {
    const value = config[slot];
    if (typeof value !== 'string' || !value.includes(':iso/phoenix-') || !driveSlot.test(slot)) continue;
    const volid = readVolume(value);
    const seed = volid === undefined ? undefined : readSeedVolume(volid);
    if (volid === undefined || seed === undefined || (first !== undefined && first.slot < slot)) continue;
    first = { slot, volid, ...seed };
  }
  return first;
}

/** Drives that Proxmox VE fills with its own cloud-init data: a guest that found two seeds would take either. */
export function listCloudInitDrives(config: Readonly<Record<string, WireValue>>): readonly string[] {
  return Object.keys(config)
    .filter((slot) => driveSlot.test(slot) && isCloudInitVolume(volumeOf(config[slot]) ?? ''))
    .sort();
}

/** Where a seed goes: where one is, else in place of Proxmox VE's own, else the first free CD-ROM slot. */
export function chooseSeedSlot(config: Readonly<Record<string, WireValue>>): string {
  const free = cdromSlots.find((slot) => config[slot] === undefined || volumeOf(config[slot]) === 'none');
  return findSeedDrive(config)?.slot ?? listCloudInitDrives(config)[0] ?? free ?? 'ide2';
}
