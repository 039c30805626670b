import { cloneGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { settleGuest } from '../../../apply/settle-guest.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { listGuestRows } from '../../../observe/list-guest-rows.js';
import { printDescription } from '../../../observe/marker.js';
import { requireOurGuest } from '../../guest-step.js';
import { containerStep } from '../container-step.js';
import { readContainer } from '../read-container.js';

/**
 * Clones the container from its source, claimed by its marker in the cloning call. Proxmox VE locks a container while it is cloned:
 * a second clone of the same source waits its turn.
 */
export const clone = containerStep(async (context) => {
  const { client, declared, action, signal } = context;
  const source = declared.cloneFrom;
  if (source === undefined) throw new TypeError(`${action.id}: no clone source`);
  const before = await context.look();
  if (before !== undefined) {
    if (isBeingMade(before)) {
      context.report.progress('a clone to this id is under way; waiting for it');
      await settleGuest({ ...context, vmid: source.vmid });
      const after = await context.look();
      if (after !== undefined && isBeingMade(after)) {
        throw new PhoenixError({
          code: 'PHOENIX_RESERVED',
          message: `${declared.vmid} (${declared.name}) is reserved by a clone that is not finished.`,
          hint: `If no clone runs any more, on the node ${after.node}: \`pct unlock ${declared.vmid} && pct destroy ${declared.vmid}\`, then run again.`,
          details: { vmid: declared.vmid },
        });
      }
    }
    await requireOurGuest(context);
    return { outcome: 'unchanged' };
  }
  const row = (await listGuestRows(client, { signal })).find((candidate) => candidate.vmid === source.vmid);
  if (row === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_CLONE_SOURCE_MISSING',
      message: `Container ${declared.vmid} (${declared.name}) is to be cloned from ${source.vmid}, which is not on the cluster.`,
      hint: 'Correct `clone_from_ctid`, or make that container first.',
      details: { vmid: declared.vmid, source: source.vmid },
    });
  }
  const origin = await readContainer(client, row, { signal });
  const { storage } = action.input;
  const node = String(action.input.node);
  const description = printDescription(declared.description?.trim() ?? '', {
    v: 1,
    id: declared.vmid,
    stage: 'made',
    applied: {},
    from: `${source.vmid}@${origin.marker?.build ?? ''}`,
  });
  const upid = await cloneGuest(client, {
    kind: 'lxc',
    node: row.node,
    vmid: source.vmid,
    newVmid: declared.vmid,
    name: declared.name,
    description,
    full: !source.linked,
    ...(typeof storage === 'string' ? { storage } : {}),
    ...(source.snapshotName === undefined ? {} : { snapshot: source.snapshotName }),
    ...(declared.pool === undefined ? {} : { pool: declared.pool }),
    ...(node === row.node ? {} : { target: node }),
  });
  await awaitTask(
    context,
    upid,
    declared.timeouts.cloneMs === undefined ? {} : { timeoutMs: declared.timeouts.cloneMs },
  );
  return { outcome: 'ok' };
});
