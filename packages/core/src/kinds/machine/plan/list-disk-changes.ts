import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { Change } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { findBootDisk, listMachineDisks } from '../machine-disk.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;
const gib = 2 ** 30;

/** Disks that are smaller than declared; larger ones are mentioned in a notice, since disks never shrink. */
export function listDiskChanges(
  declared: DeclaredMachine,
  guest: ObservedGuest,
  draft: DraftedMachine,
): readonly Change[] {
  const changes: Change[] = [];
  const compare = (label: string, wantedGib: number | undefined, bytes: number | undefined) => {
    if (wantedGib === undefined || bytes === undefined) return;
    if (bytes < wantedGib * gib)
      changes.push({
        key: label,
        declared: wantedGib,
        live: Math.round((bytes / gib) * 100) / 100,
        takesEffect: 'now',
      });
    else if (bytes > wantedGib * gib && guest.marker?.stage === 'ready') {
      draft.notice(
        'disk-larger',
        `${label} of ${guest.vmid} is ${bytes / gib} GiB, more than the declared ${wantedGib}: disks never shrink, it stays so.`,
      );
    }
  };
  compare('disk_size_gb', declared.diskGib, findBootDisk(guest.config)?.bytes);
  if (declared.extraDisks.length === 0) return changes;
  const disks = listMachineDisks(guest.config);
  for (const extra of declared.extraDisks)
    compare(extra.slot, extra.sizeGib, disks.find((disk) => disk.slot === extra.slot)?.bytes);
  return changes;
}
