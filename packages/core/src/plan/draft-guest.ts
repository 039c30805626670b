import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestDraft, GuestKind, GuestMaterials, PlanPolicy } from '../kinds/guest-kind.js';
import type { Inventory } from '../observe/inventory.js';

/** What the drafts of all guests follow from, beside the inventory. */
export interface DraftInput {
  readonly config: Config;
  /** By vmid; a guest without an entry has no features and no seed. */
  readonly materials: ReadonlyMap<number, GuestMaterials>;
  readonly policy: PlanPolicy;
  readonly kinds: readonly GuestKind[];
}

const noMaterials: GuestMaterials = { features: [] };

/**
 * Has a guest planned by its kind. Pure.
 * @throws {PhoenixError} for what can never work
 */
export function draftGuest(input: DraftInput, inventory: Inventory, declared: DeclaredGuest): GuestDraft {
  const { config, policy } = input;
  const materialsOf = (vmid: number) => input.materials.get(vmid);
  const materials = materialsOf(declared.vmid) ?? noMaterials;
  for (const kind of input.kinds)
    if (kind.accepts(declared))
      return kind.plan({ declared, config, inventory, materials, materialsOf, policy });
  throw new TypeError(`no kind accepts guest ${declared.vmid}`);
}
