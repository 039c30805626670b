import { cloneGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { settleGuest } from '../../../apply/settle-guest.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { listGuestRows } from '../../../observe/list-guest-rows.js';
import { printDescription } from '../../../observe/marker.js';
import { requireOurGuest } from '../../guest-step.js';
import { machineStep } from '../machine-step.js';
import { readMachine } from '../read-machine.js';

/** Clones the machine from its source, wherever that is, claimed by its marker in the cloning call. */
export const clone = machineStep(async (context) => {
  const { client, declared, action, signal } = context;
  const source = declared.cloneFrom;
  if (source === undefined) throw new TypeError(`${action.id}: no clone source`);
  const before = await context.look();
  if (before !== undefined) {
    if (isBeingMade(before)) {
      context.report.progress('a clone to this vmid is under way; waiting for it');
      await settleGuest({ ...context, vmid: source.vmid });
      const after = await context.look();
      if (after !== undefined && isBeingMade(after)) {
        // The reservation is locked: waiting and looking again is what locked guests get.
        throw new PhoenixError({
          code: 'PHOENIX_RESERVED',
          message: `${declared.vmid} (${declared.name}) is reserved by a clone that is not finished.`,
          hint: `If no clone runs any more, on the node ${after.node}: \`qm unlock ${declared.vmid} && qm destroy ${declared.vmid}\`, then run again.`,
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
      message: `Machine ${declared.vmid} (${declared.name}) is to be cloned from ${source.vmid}, which is not on the cluster.`,
      hint: 'Correct `clone_from_vmid`, or make that machine first.',
      details: { vmid: declared.vmid, source: source.vmid },
    });
  }
  const origin = await readMachine(client, row, { signal });
  const node = String(action.input.node);
  const storage = action.input.storage;
  const marker = {
    v: 1,
    id: declared.vmid,
    stage: 'made',
    applied: {},
    from: `${source.vmid}@${origin.marker?.build ?? origin.config.smbios1 ?? ''}`,
  } as const;
  try {
    const upid = await cloneGuest(client, {
      kind: 'qemu',
      node: row.node,
      vmid: source.vmid,
      newVmid: declared.vmid,
      name: declared.name,
      description: printDescription(declared.description?.trim() ?? '', marker),
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
  } catch (error) {
    // Somebody else's clone to the same vmid won: what it made is looked at like anything that was there before.
    if (errorCode(error) === 'PVE_EXISTS')
      context.report.progress('the vmid was taken meanwhile; looking at what is there');
    throw error;
  }
  return { outcome: 'ok' };
});
