import type { Inventory, ObservedGuest } from '../observe/inventory.js';

/** The observed guests whose disks rest on a template's, by their volume ids: `base-8000-disk-0.qcow2/8001/…`. */
export function listLinkedClones(inventory: Inventory, vmid: number): readonly ObservedGuest[] {
  const base = new RegExp(`[:/]base(vol)?-${vmid}-disk-`);
  return Object.values(inventory.guests).filter(
    (guest) =>
      guest.vmid !== vmid &&
      Object.values(guest.config).some((value) => typeof value === 'string' && base.test(value)),
  );
}
