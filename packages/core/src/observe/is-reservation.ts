import type { ObservedGuest } from './inventory.js';

/** A configuration file that only reserves the vmid: a create or clone that still runs, or was cut off. */
export function isReservation(guest: ObservedGuest): boolean {
  return (guest.lock === 'create' || guest.lock === 'clone') && guest.marker === undefined;
}
