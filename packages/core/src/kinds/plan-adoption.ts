import type { DeclaredGuest } from '../config/model.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { desiredTags, splitTags } from './desired-key.js';
import type { DraftedGuest } from './drafted-guest.js';

/** Plans the claim of a guest that exists and is nobody's: its marker, and the tag that shows it. */
export function planAdoption(
  draft: Pick<DraftedGuest<DeclaredGuest>, 'add' | 'input'>,
  guest: ObservedGuest,
): void {
  if (guest.marker !== undefined) return;
  const live = guest.config.tags;
  const { value } = desiredTags({ ...draft.input.declared, tags: [] }, live, undefined);
  draft.add('adopt', 'update', 'adopted', `take over "${guest.name ?? ''}"`, {
    changes:
      splitTags(live).join(';') === value
        ? []
        : [{ key: 'tags', declared: value, live: live ?? null, takesEffect: 'now' }],
    input: { digest: guest.digest },
  });
}
