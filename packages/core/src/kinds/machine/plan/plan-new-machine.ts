import type { DeclaredMachine } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { Inventory } from '../../../observe/inventory.js';
import { findByVmid } from '../../../plan/find-by-vmid.js';
import type { Change, Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { noticeSource } from '../../notice-source.js';
import { assertBridges, chooseNode, chooseStorage } from '../../place-guest.js';
import { planNewFirewall } from '../../plan-surroundings.js';
import { listDesiredKeys } from '../desired-keys.js';
import { findBootDisk } from '../machine-disk.js';
import { planMachineImage } from './plan-machine-image.js';
import { planFinish, planProvisioning } from './plan-provisioning.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;
const gib = 2 ** 30;

function desiredChanges(declared: DeclaredMachine): readonly Change[] {
  const changes: Change[] = listDesiredKeys(declared, {}, undefined).map((desired) => ({
    key: desired.label,
    declared: desired.value,
    live: null,
    takesEffect: 'now',
  }));
  if (declared.diskGib !== undefined)
    changes.push({ key: 'disk_size_gb', declared: declared.diskGib, live: null, takesEffect: 'now' });
  return changes;
}

function planCreation(draft: DraftedMachine, reason: Reason): string {
  const { declared, inventory } = draft.input;
  const changes = desiredChanges(declared);
  if (declared.cloneFrom !== undefined) {
    const { vmid: sourceId, linked, snapshotName } = declared.cloneFrom;
    const row = findByVmid(inventory.resources, sourceId);
    const planned = findByVmid(draft.input.config.guests, sourceId);
    if (row === undefined && planned === undefined) {
      throw new PhoenixError({
        code: 'PHOENIX_CLONE_SOURCE_MISSING',
        message: `Machine ${declared.vmid} (${declared.name}) is to be cloned from ${sourceId}, which neither exists on the cluster nor is declared.`,
        hint: 'Correct `clone_from_vmid`, or declare that machine.',
        details: { vmid: declared.vmid, source: sourceId },
      });
    }
    if (row !== undefined && row.kind !== 'machine') {
      throw new PhoenixError({
        code: 'PHOENIX_CLONE_SOURCE_MISSING',
        message: `Machine ${declared.vmid} (${declared.name}) is to be cloned from ${sourceId}, which is a container.`,
        hint: 'Correct `clone_from_vmid`: machines are cloned from machines.',
        details: { vmid: declared.vmid, source: sourceId },
      });
    }
    const sourceNode =
      row?.node ?? (planned === undefined ? chooseNode(declared, inventory) : chooseNode(planned, inventory));
    const wanted = declared.nodes.length === 0 ? sourceNode : chooseNode(declared, inventory);
    assertBridges(declared, wanted, inventory);
    const storage = chooseStorageOfClone(draft, wanted, linked);
    const source = inventory.guests[String(sourceId)];
    const sourceDisk = source === undefined ? undefined : findBootDisk(source.config);
    if (
      declared.diskGib !== undefined &&
      sourceDisk?.bytes !== undefined &&
      sourceDisk.bytes > declared.diskGib * gib
    ) {
      draft.notice(
        'disk-larger',
        `The disk of ${sourceId} has ${sourceDisk.bytes / gib} GiB, more than the declared ${declared.diskGib}: disks never shrink, it stays so.`,
      );
    }
    draft.add(
      'clone',
      'create',
      reason,
      `${linked ? 'linked' : 'full'} clone of ${sourceId}${snapshotName === undefined ? '' : ` at ${snapshotName}`}`,
      {
        changes,
        input: { node: wanted, source: sourceId, linked, ...(storage === undefined ? {} : { storage }) },
      },
    );
    draft.add('configure', 'update', reason, 'hardware, network, tags', {});
    return wanted;
  }
  const node = chooseNode(declared, inventory);
  assertBridges(declared, node, inventory);
  const storage = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'images',
    key: 'storage_pool',
    ...(declared.storage === undefined ? {} : { name: declared.storage }),
  });
  const image = planMachineImage(draft, node);
  draft.add('create', 'create', reason, `machine on ${storage.storage}`, {
    changes,
    input: {
      node,
      storage: storage.storage,
      ...(image.volid === undefined ? {} : { volid: image.volid }),
      ...(image.id === undefined ? {} : { image: image.id }),
    },
    ...(image.id === undefined ? {} : { after: [image.id] }),
  });
  return node;
}

function chooseStorageOfClone(draft: DraftedMachine, node: string, linked: boolean): string | undefined {
  const { declared, inventory } = draft.input;
  if (declared.storage === undefined) return undefined;
  const name = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'images',
    key: 'storage_pool',
    name: declared.storage,
  }).storage;
  // A linked clone lives where its template does; Proxmox VE refuses the parameter.
  return linked ? undefined : name;
}

function assertPlaceable(inventory: Inventory, declared: DeclaredMachine, node: string): void {
  chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'iso',
    key: 'seed_storage',
    ...(declared.seedStorage === undefined ? {} : { name: declared.seedStorage }),
  });
}

/** Everything from nothing to a finished machine. Gives the node. */
export function planNewMachine(draft: DraftedMachine, reason: Reason): string {
  const { declared, inventory, materials } = draft.input;
  noticeSource(draft);
  const node = planCreation(draft, reason);
  assertPlaceable(inventory, declared, node);
  if (declared.diskGib !== undefined || declared.extraDisks.length > 0) {
    draft.add('grow-disk', 'update', reason, `disk of ${declared.diskGib ?? '?'} GiB`);
  }
  if (materials.seed !== undefined) draft.add('seed', 'update', reason, 'cloud-init seed');
  planNewFirewall(draft, reason);
  draft.add('start', 'run', reason, 'start');
  planProvisioning(draft, reason);
  planFinish(draft, reason);
  return node;
}
