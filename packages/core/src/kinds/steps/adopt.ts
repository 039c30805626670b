import type { Step } from '../../apply/step-context.js';
import type { ObservedGuest, WireValue } from '../../observe/inventory.js';
import { desiredTags } from '../desired-key.js';
import { type DeclaredStepContext, declaredStep, requireGuest, writeGuest } from '../guest-step.js';

/**
 * A step that claims a guest which exists: the marker, and the tag that shows it, in one call. Everything else of the guest stays for the
 * steps that follow. `listApplied` gives what is declared of it; what it has now counts as applied.
 */
export function createAdopt(
  listApplied: (context: DeclaredStepContext, guest: ObservedGuest) => Readonly<Record<string, WireValue>>,
): Step {
  return declaredStep(async (context) => {
    const { declared } = context;
    const guest = await requireGuest(context);
    if (guest.marker !== undefined) return { outcome: 'unchanged' };
    const applied: Record<string, WireValue> = {};
    for (const [key, value] of Object.entries(listApplied(context, guest))) {
      // Only what is declared of tags and start order is Phoenix' to remove later; raw options are remembered by their names.
      const live = /^(?:tags$|startup$|pve:)/.test(key) ? value : guest.config[key];
      if (live !== undefined) applied[key] = live;
    }
    const tags = desiredTags({ ...declared, tags: [] }, guest.config.tags, undefined).value;
    await writeGuest(context, guest, {
      set: { tags },
      marker: { v: 1, id: declared.vmid, stage: 'ready', applied, from: 'adopted' },
    });
    return { outcome: 'ok' };
  });
}
