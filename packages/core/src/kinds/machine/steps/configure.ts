import { getGuestPending, updateGuestConfigAsTask } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import type { Marker } from '../../../observe/marker.js';
import { printDescription } from '../../../observe/marker.js';
import { requireGuest, writeGuest } from '../../guest-step.js';
import { compareMachine, listApplied } from '../compare-machine.js';
import { machineStep } from '../machine-step.js';

/** Writes what differs, and says what of it waits for a cold start, as `/pending` has it afterwards. */
export const configure = machineStep(async (context) => {
  const { client, declared, action } = context;
  const guest = await requireGuest(context);
  const planned = new Set(action.changes.map((change) => change.key));
  // A plan that leaves drift alone names the keys it changes; the ones after a clone are all of them.
  const all = compareMachine(declared, guest);
  const differences =
    planned.size === 0
      ? all
      : all.filter((difference) => !difference.drift || planned.has(difference.change.key));
  const applied = listApplied(declared, guest);
  const base: Marker = guest.marker ?? { v: 1, id: declared.vmid, stage: 'ready', applied: {} };
  const marker: Marker = { ...base, applied };
  const known =
    guest.marker !== undefined && JSON.stringify(guest.marker.applied) === JSON.stringify(applied);
  if (differences.length === 0 && known) return { outcome: 'unchanged' };
  const text = differences.find((difference) => difference.key === 'description')?.value;
  const keys = differences.filter((difference) => difference.key !== 'description');
  const set = Object.fromEntries(
    keys.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const])),
  );
  const removed = keys.filter(({ value }) => value === undefined).map(({ key }) => key);
  const allocates = Object.keys(set).some((key) => /^(scsi|virtio|sata|ide)\d+$/.test(key));
  if (allocates) {
    // Making a disk may take longer than the thirty seconds a synchronous call has.
    const upid = await updateGuestConfigAsTask(client, {
      node: guest.node,
      vmid: guest.vmid,
      digest: guest.digest,
      set: { ...set, description: printDescription(text === undefined ? guest.text : String(text), marker) },
      delete: removed,
    });
    if (upid.startsWith('UPID:')) await awaitTask(context, upid);
  } else {
    await writeGuest(context, guest, {
      set,
      delete: removed,
      marker,
      ...(text === undefined ? {} : { text: String(text) }),
    });
  }
  if (guest.status === 'running') {
    const entries = await getGuestPending(
      client,
      { kind: 'qemu', node: guest.node, vmid: guest.vmid },
      { signal: context.signal },
    );
    const waiting = entries
      .filter((entry) => entry.pending !== undefined || entry.delete)
      .map((entry) => entry.key);
    if (waiting.length > 0)
      context.report.warn(
        `${waiting.sort().join(', ')} will take effect at the next cold start: \`phoenix restart ${guest.vmid}\``,
      );
  }
  return { outcome: 'ok' };
});
