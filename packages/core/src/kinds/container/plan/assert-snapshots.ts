import type { DeclaredContainer } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { listContainerVolumes } from '../container-volume.js';

/** Types of storage on which Proxmox VE keeps containers as raw files, directories or plain logical volumes, which have no snapshots. */
const without: ReadonlySet<string> = new Set([
  'cephfs',
  'cifs',
  'dir',
  'glusterfs',
  'iscsi',
  'iscsidirect',
  'lvm',
  'nfs',
]);

/** The snapshots that are declared; a template has none. */
function listSnapshotKeys(declared: DeclaredContainer): readonly string[] {
  if (declared.isTemplate) return [];
  return [
    ...(declared.templateSnapshotName === undefined ? [] : ['template_snapshot_name']),
    ...(declared.snapshots.preFeatures === undefined ? [] : ['snapshots.pre-features']),
    ...(declared.snapshots.postFeatures === undefined ? [] : ['snapshots.post-features']),
  ];
}

/**
 * Checks that the storages of a container can hold the snapshots that are declared: those its volumes lie on, or `storage` for one that is new.
 * Without this the refusal would come as the last step of a long run.
 * @throws {PhoenixError} `PHOENIX_NO_SNAPSHOTS`
 */
export function assertSnapshots(
  draft: DraftedGuest<DeclaredContainer>,
  where: { readonly node: string; readonly storage?: string; readonly guest?: ObservedGuest },
): void {
  const { declared, inventory } = draft.input;
  const keys = listSnapshotKeys(declared);
  if (keys.length === 0) return;
  const used = new Set([
    ...(where.storage === undefined ? [] : [where.storage]),
    ...listContainerVolumes(where.guest?.config ?? {}).map(({ volid }) => volid.split(':')[0] ?? ''),
  ]);
  const unfit = inventory.storages.find(
    ({ node, storage, type }) => node === where.node && used.has(storage) && without.has(type),
  );
  if (unfit === undefined) return;
  throw new PhoenixError({
    code: 'PHOENIX_NO_SNAPSHOTS',
    message: `Container ${declared.vmid} (${declared.name}) declares ${keys.join(', ')}, and the storage "${unfit.storage}" (${unfit.type}) cannot hold snapshots of containers.`,
    hint: 'Use a storage that can (ZFS, LVM-thin, Btrfs, Ceph RBD), or take the key out; a template (`is_template`) needs no snapshot to be cloned.',
    details: { vmid: declared.vmid, storage: unfit.storage },
  });
}
