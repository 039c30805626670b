import { PhoenixError } from '../errors/phoenix-error.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import { listLinkedClones } from '../plan/list-linked-clones.js';

/**
 * Checks that a guest of ours may be deleted and made anew, as far as the inventory shows; Proxmox VE itself refuses what it does not.
 * @throws {PhoenixError} `PHOENIX_PROTECTED`, `PHOENIX_HAS_CLONES`
 */
export function assertReplaceable(inventory: Inventory, guest: ObservedGuest): void {
  const label = `${guest.vmid} (${guest.name ?? ''})`;
  if (Number(guest.config.protection ?? 0) === 1) {
    throw new PhoenixError({
      code: 'PHOENIX_PROTECTED',
      message: `${label} would have to be made anew, and is protected against removal.`,
      hint: 'Set `protection` to false and orchestrate it without `--allow-replace` first.',
      details: { vmid: guest.vmid },
    });
  }
  const clones = listLinkedClones(inventory, guest.vmid);
  if (clones.length === 0) return;
  throw new PhoenixError({
    code: 'PHOENIX_HAS_CLONES',
    message: `${label} would have to be made anew, and its disk is used by ${clones.map((clone) => `${clone.vmid} (${clone.name ?? ''})`).join(', ')}.`,
    hint: 'Delete the linked clones first, or leave the template as it is.',
    details: { vmid: guest.vmid, clones: clones.map((clone) => clone.vmid) },
  });
}
