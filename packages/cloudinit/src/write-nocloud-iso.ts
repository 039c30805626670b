import { writeIso } from './iso/write-iso.js';
import type { Seed } from './seed.js';
import { seedFiles } from './seed-digest.js';

/**
 * The seed as the ISO image that cloud-init's NoCloud source reads: label `cidata`, files `meta-data`, `user-data` and
 * `network-config`. Equal seeds give equal bytes.
 */
export function writeNoCloudIso(seed: Seed): Uint8Array {
  return writeIso({ volumeId: 'cidata', files: seedFiles(seed) });
}
