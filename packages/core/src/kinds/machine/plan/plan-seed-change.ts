import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { Change } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { listMacs } from '../machine-net.js';
import { findSeedDrive } from '../seed-drive.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** Compares the seed that is declared with the one attached. */
export function planSeedChange(
  draft: DraftedMachine,
  guest: ObservedGuest,
): { readonly changed: boolean; readonly change?: Change } {
  const { materials } = draft.input;
  // An adopted machine had its first boot; a seed would make cloud-init begin anew.
  if (materials.seed === undefined || guest.marker === undefined || guest.marker.from === 'adopted')
    return { changed: false };
  const macs = listMacs(draft.input.declared, guest.config);
  const { digest } = materials.seed(macs);
  const drive = findSeedDrive(guest.config);
  const live = drive?.vmid === guest.vmid ? drive.digest : undefined;
  if (live !== undefined && digest.startsWith(live) && guest.marker?.seed === digest)
    return { changed: false };
  return {
    changed: true,
    change: {
      key: 'seed',
      declared: digest.slice(0, 12),
      live: live ?? null,
      takesEffect: guest.status === 'running' ? 'next-cold-start' : 'now',
      ...(guest.marker?.seed === undefined ? {} : { lastApplied: guest.marker.seed.slice(0, 12) }),
    },
  };
}
