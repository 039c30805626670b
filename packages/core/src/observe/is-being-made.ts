import type { ObservedGuest } from './inventory.js';

/**
 * A guest that a create or a clone still makes, or was cut off making: its configuration is not whole. That of a machine may be no more than a
 * reservation of the vmid; that of a container carries the marker from the beginning, without the volumes that are still being copied.
 */
export function isBeingMade({ lock, marker }: ObservedGuest): boolean {
  return (lock === 'create' || lock === 'clone') && (marker === undefined || marker.stage === 'made');
}
