import type { ObservedGuest } from '../../observe/inventory.js';

/** Whether the machine has the device of the guest agent. */
export function hasAgent(guest: ObservedGuest): boolean {
  return /^(1|enabled=1)/.test(String(guest.config.agent ?? ''));
}
