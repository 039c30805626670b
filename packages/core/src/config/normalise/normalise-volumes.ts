import type { z } from 'zod';
import type { DeclaredVolume } from '../model.js';
import type { Volume } from '../schema/guest.js';
import { definedOnly } from './defined-only.js';

/** Volumes of a guest; `slotOf` says where the n-th of those that are disks is attached. */
export function normaliseVolumes(
  input: readonly z.output<typeof Volume>[] | undefined,
  slotOf: (disk: number) => string,
): readonly DeclaredVolume[] {
  let disks = 0;
  return (input ?? []).map((volume): DeclaredVolume => {
    if ('server' in volume) {
      return definedOnly({
        kind: 'nfs',
        name: volume.name,
        server: volume.server,
        path: volume.path,
        mountPoint: volume.mount_point,
        options: volume.options,
      });
    }
    const slot = slotOf(disks);
    disks += 1;
    return definedOnly({
      kind: 'disk',
      slot,
      name: volume.name,
      storage: volume.pool,
      sizeGib: volume.size_gb,
      mountPoint: volume.mount_point,
    });
  });
}
