import { propertyParts } from './property-parts.js';

/** The machine type, as far as any QEMU has it: PVE's versioned names (`pc-i440fx-9.2+pve1`) become their family. */
export function machineTypeOf(config: Readonly<Record<string, string>>): 'pc' | 'q35' {
  return /q35/.test(propertyParts(config.machine, 'type').type ?? '') ? 'q35' : 'pc';
}
