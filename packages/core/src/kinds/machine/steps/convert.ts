import { convertToTemplate, deleteSnapshot, listSnapshots, updateGuestConfig } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { requireOurGuest } from '../../guest-step.js';
import { machineStep } from '../machine-step.js';
import { removeSeeds } from '../remove-seeds.js';
import { findSeedDrive } from '../seed-drive.js';

/** Turns the sealed machine into a template, without its seed: clones bring their own, and a local ISO would tie them to this node. */
export const convert = machineStep(async (context) => {
  const { client, declared } = context;
  const guest = await requireOurGuest(context);
  if (guest.template) return { outcome: 'unchanged' };
  const ref = { kind: 'qemu', node: guest.node, vmid: guest.vmid } as const;
  const own = new Set([
    declared.templateSnapshotName,
    declared.snapshots.preFeatures,
    declared.snapshots.postFeatures,
  ]);
  if (guest.config.parent !== undefined) {
    for (const { name } of await listSnapshots(client, ref, { signal: context.signal })) {
      if (own.has(name)) await awaitTask(context, await deleteSnapshot(client, { ...ref, name }));
    }
  }
  const seed = findSeedDrive(guest.config);
  if (seed !== undefined) await updateGuestConfig(client, { ...ref, delete: [seed.slot] });
  await removeSeeds(context, guest.node);
  const upid = await convertToTemplate(client, ref);
  if (upid !== undefined) await awaitTask(context, upid);
  return { outcome: 'ok' };
});
