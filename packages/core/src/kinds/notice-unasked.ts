import type { DeclaredGuest } from '../config/model.js';
import type { ObservedGuest } from '../observe/inventory.js';
import type { DraftedGuest } from './drafted-guest.js';

/** Says of a guest that does not run, and whose features are to be looked at, that nobody can know how they are. */
export function noticeUnasked<Declared extends DeclaredGuest>(
  draft: DraftedGuest<Declared>,
  guest: ObservedGuest,
): void {
  const { declared, materials, policy } = draft.input;
  if (!policy.checkFeatures || guest.status === 'running' || materials.features.length === 0) return;
  draft.notice(
    'features-unknown',
    `Whether the features of ${declared.vmid} (${declared.name}) are in place is unknown: ${guest.template ? 'a template never runs, and only a running guest can be asked' : 'it does not run; they are looked at once it is started'}.`,
  );
}
