import { convertToTemplate, deleteSnapshot, findTask, listSnapshots } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { growingPauses, pause } from '../../../apply/pause.js';
import { guestRefOf, requireOurGuest } from '../../guest-step.js';
import { recordStage } from '../../steps/record.js';
import { containerStep } from '../container-step.js';

/** Turns the stopped container into a template, without Phoenix' own snapshots: a template has none. */
export const convert = containerStep(async (context) => {
  const { client, declared, signal } = context;
  const guest = await requireOurGuest(context);
  if (guest.template) return { outcome: 'unchanged' };
  const ref = guestRefOf(guest);
  const own = new Set([
    declared.templateSnapshotName,
    declared.snapshots.preFeatures,
    declared.snapshots.postFeatures,
  ]);
  if (guest.config.parent !== undefined) {
    for (const { name } of await listSnapshots(client, ref, { signal })) {
      if (own.has(name)) await awaitTask(context, await deleteSnapshot(client, { ...ref, name }));
    }
  }
  // A template made of nothing but its image has not been sealed: there was nothing to remove.
  await recordStage(context, 'sealed');
  const conversion = { node: guest.node, vmid: guest.vmid, type: 'vztemplate' } as const;
  const earlier = await findTask(client, conversion, { signal });
  await convertToTemplate(client, ref);
  // Proxmox VE answers before the conversion of a container is done, and does not name its task: the newest of them is the one.
  for (const waitMs of growingPauses(100, 1000)) {
    if ((await requireOurGuest(context)).template) return { outcome: 'ok' };
    context.report.progress('the volumes are being converted');
    const task = await findTask(client, conversion, { signal });
    if (task !== undefined && task.upid !== earlier?.upid) await awaitTask(context, task.upid);
    await pause(waitMs, signal);
  }
  return { outcome: 'ok' };
});
