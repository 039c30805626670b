import type { JsonObject } from '../../../config/model.js';
import { gibOf, linkedSourceOf, storageOf } from '../../import/import-common.js';
import type { ImportedDraft } from '../../import/imported-guest.js';
import { readProperties } from '../../property-string.js';

function importMountPoint(draft: ImportedDraft, slot: string): JsonObject | undefined {
  const properties = new Map(readProperties(String(draft.config[slot])));
  const volid = properties.get('') ?? properties.get('volume') ?? '';
  const path = properties.get('mp') ?? '';
  if (!path.startsWith('/') || volid === '') return undefined;
  const storage = storageOf(volid);
  const size = gibOf(properties.get('size'));
  // A volume of the container's own is made with it; anything else is named.
  const own =
    storage !== undefined &&
    size !== undefined &&
    new RegExp(`[:/](?:vm|base|subvol|basevol)-${draft.vmid}-`).test(volid);
  const readOnly = properties.get('ro');
  const backup = properties.get('backup');
  for (const key of ['', 'volume', 'mp', 'size', 'ro', 'backup']) properties.delete(key);
  const options = [...properties].map(([key, value]) => `${key}=${value}`).join(',');
  return {
    container_path: path,
    ...(own
      ? { size_gb: size, storage_pool: storage }
      : volid.startsWith('/')
        ? { host_path: volid }
        : { volume: volid }),
    ...(readOnly === undefined ? {} : { read_only: readOnly === '1' }),
    ...(backup === undefined ? {} : { backup: backup === '1' }),
    ...(options === '' ? {} : { options }),
  };
}

/** Root file system and mount points. None of them is ever written: what is declared is what is there. */
export function importContainerVolumes(draft: ImportedDraft): void {
  const root = readProperties(String(draft.take('rootfs') ?? ''));
  const volid = root.get('') ?? root.get('volume') ?? '';
  draft.set('storage_size_gb', gibOf(root.get('size')));
  const source = linkedSourceOf(volid);
  if (source === undefined) draft.set('storage_pool', storageOf(volid));
  else if (draft.set('clone_from_ctid', source)) draft.set('clone_type', 'linked');
  const further = [...root].filter(([key]) => !['', 'volume', 'size'].includes(key));
  if (further.length > 0) draft.keep(`rootfs ${further.map(([key, value]) => `${key}=${value}`).join(',')}`);

  const points: JsonObject[] = [];
  const indices = draft.rest().flatMap((key) => /^mp(\d+)$/.exec(key)?.[1] ?? []);
  for (const index of indices.map(Number).sort((left, right) => left - right)) {
    const slot = `mp${index}`;
    draft.take(slot);
    const followsOn = index === points.length && !draft.without.has('mount_points');
    const point = followsOn ? importMountPoint(draft, slot) : undefined;
    if (point === undefined) draft.keep(`the mount point ${slot} (${String(draft.config[slot])})`);
    else points.push(point);
  }
  if (points.length > 0) draft.set('mount_points', points);
  for (const slot of draft.rest().filter((key) => /^unused\d+$/.test(key)))
    draft.keep(`the detached volume ${slot} (${String(draft.take(slot))})`);
}
