import type { ObservedGuest } from '../observe/inventory.js';
import type { GuestMaterials } from './guest-kind.js';

/** Whether a template was built with other features than are declared now. Nobody knows what is inside an adopted one. */
export function isStaleTemplate(guest: ObservedGuest, materials: GuestMaterials): boolean {
  const { marker } = guest;
  if (!guest.template || marker === undefined || marker.from === 'adopted') return false;
  return marker.features !== materials.featuresDigest;
}
