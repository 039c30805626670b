import type { JsonObject } from '../../../config/model.js';
import { gibOf, linkedSourceOf, storageOf } from '../../import/import-common.js';
import type { ImportedDraft } from '../../import/imported-guest.js';
import { readProperties } from '../../property-string.js';
import { findBootDisk, isCloudInitVolume, listMachineDisks } from '../machine-disk.js';
import { readSeedVolume } from '../seed-drive.js';

const slots = /^(?:scsi(?:[1-9]|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5])$/;
const drives = /^(?:scsi|virtio|sata|ide)\d+$/;

function settingsOf(draft: ImportedDraft, slot: string, known: ReadonlySet<string>): void {
  const further = [...readProperties(String(draft.config[slot]))].filter(
    ([key]) => !['', 'file', 'volume', 'size'].includes(key) && !known.has(key),
  );
  if (further.length > 0) draft.keep(`${slot} ${further.map(([key, value]) => `${key}=${value}`).join(',')}`);
}

/** The first disk: its size and storage, or the template that it is a linked clone of. */
function importBootDisk(draft: ImportedDraft): string | undefined {
  const boot = findBootDisk(draft.config);
  if (boot === undefined) return undefined;
  const properties = readProperties(String(draft.take(boot.slot)));
  draft.set('disk_size_gb', gibOf(properties.get('size')));
  const source = linkedSourceOf(boot.volid);
  if (source === undefined) draft.set('storage_pool', storageOf(boot.volid));
  else if (draft.set('clone_from_vmid', source)) draft.set('clone_type', 'linked');
  if (storageOf(boot.volid) === undefined) draft.keep(`${boot.slot} on ${boot.volid}`);
  if (boot.slot !== 'scsi0') draft.keep(`that its first disk is ${boot.slot}`);
  // What Phoenix gives the first disk of a machine that it makes.
  settingsOf(draft, boot.slot, new Set(properties.get('discard') === 'on' ? ['discard'] : []));
  return boot.slot;
}

function importFurtherDisk(draft: ImportedDraft, slot: string, volid: string): JsonObject | undefined {
  const properties = readProperties(String(draft.take(slot)));
  const size = gibOf(properties.get('size'));
  const storage = storageOf(volid);
  if (!slots.test(slot) || size === undefined || storage === undefined || draft.without.has('extra_disks')) {
    draft.keep(`the disk ${slot} (${volid})`);
    return undefined;
  }
  settingsOf(draft, slot, new Set(['ssd', 'discard']));
  return {
    slot,
    size_gb: size,
    storage_pool: storage,
    ...(properties.get('ssd') === '1' ? { ssd: true } : {}),
    ...(properties.get('discard') === 'on' ? { discard: true } : {}),
  };
}

/** Disks, firmware volumes and drives for CDs of a machine. None of them is ever written: what is declared is what is there. */
export function importMachineDisks(draft: ImportedDraft): void {
  const boot = importBootDisk(draft);
  const disks = listMachineDisks(draft.config).filter(({ slot }) => slot !== boot);
  const further = disks.flatMap(({ slot, volid }) => importFurtherDisk(draft, slot, volid) ?? []);
  if (further.length > 0) draft.set('extra_disks', further);
  for (const slot of draft.rest()) {
    const value = String(draft.config[slot]);
    const volid = readProperties(value).get('') ?? readProperties(value).get('file') ?? '';
    if (drives.test(slot)) {
      draft.take(slot);
      if (isCloudInitVolume(volid) || readSeedVolume(volid) !== undefined) continue;
      if (volid !== 'none' && !volid.startsWith('/') && volid !== 'cdrom') draft.option(slot, value);
      else draft.keep(`the CD drive ${slot}${volid === 'none' ? '' : ` (${volid})`}`);
    } else if (/^(?:efidisk0|tpmstate0)$/.test(slot)) {
      draft.take(slot);
      draft.keep(`${slot} (${volid})`);
    } else if (/^unused\d+$/.test(slot)) {
      draft.take(slot);
      draft.keep(`the detached disk ${slot} (${value})`);
    }
  }
}
