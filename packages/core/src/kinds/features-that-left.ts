import type { DeclaredGuest } from '../config/model.js';
import type { DraftedGuest } from './drafted-guest.js';

/** Names of features that were applied to the guest and are not declared any more; none for a guest that is made anew. Pure. */
export function featuresThatLeft<Declared extends DeclaredGuest>(
  draft: DraftedGuest<Declared>,
): readonly string[] {
  if (draft.actions.some(({ step }) => step === 'create' || step === 'clone')) return [];
  const { declared, inventory, materials } = draft.input;
  const applied = inventory.guests[String(declared.vmid)]?.marker?.names ?? [];
  return applied.filter((name) => !materials.features.some((feature) => feature.name === name));
}

/** The title of the step that brings features into place. */
export function featuresTitle(names: readonly string[], left: readonly string[]): string {
  return names.length > 0 ? `features ${names.join(', ')}` : `features that left: ${left.join(', ')}`;
}
