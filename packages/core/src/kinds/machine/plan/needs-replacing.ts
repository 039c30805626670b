import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { isStaleTemplate } from '../../is-stale-template.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** Whether a template differs from its declaration in what only building it anew can bring. */
export function needsReplacing(draft: DraftedMachine, guest: ObservedGuest): boolean {
  const { declared, materials } = draft.input;
  return !declared.isTemplate || isStaleTemplate(guest, materials);
}
