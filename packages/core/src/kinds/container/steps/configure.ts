import { getGuestPending } from '@phoenix/proxmox-client';
import type { Marker } from '../../../observe/marker.js';
import { guestRefOf, requireGuest, writeGuest } from '../../guest-step.js';
import { compareContainer, listApplied } from '../compare-container.js';
import { containerStep } from '../container-step.js';

/** Writes what differs, and says what of it waits for the next start, as `/pending` has it afterwards. */
export const configure = containerStep(async (context) => {
  const { client, declared, action, signal } = context;
  const guest = await requireGuest(context);
  const planned = new Set(action.changes.map((change) => change.key));
  const all = compareContainer(declared, guest);
  const differences =
    planned.size === 0
      ? all
      : all.filter((difference) => !difference.drift || planned.has(difference.change.key));
  const applied = listApplied(declared, guest);
  const base: Marker = guest.marker ?? { v: 1, id: declared.vmid, stage: 'ready', applied: {} };
  const known =
    guest.marker !== undefined && JSON.stringify(guest.marker.applied) === JSON.stringify(applied);
  if (differences.length === 0 && known) return { outcome: 'unchanged' };
  const text = differences.find(({ key }) => key === 'description')?.value;
  const keys = differences.filter(({ key }) => key !== 'description');
  await writeGuest(context, guest, {
    set: Object.fromEntries(
      keys.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const])),
    ),
    delete: keys.filter(({ value }) => value === undefined).map(({ key }) => key),
    marker: { ...base, applied },
    ...(text === undefined ? {} : { text: String(text) }),
  });
  if (guest.status === 'running') {
    const entries = await getGuestPending(client, guestRefOf(guest), { signal });
    const waiting = entries
      .filter((entry) => entry.pending !== undefined || entry.delete)
      .map((entry) => entry.key);
    if (waiting.length > 0)
      context.report.warn(
        `${waiting.sort().join(', ')} will take effect at the next start: \`phoenix restart ${guest.vmid}\``,
      );
  }
  return { outcome: 'ok' };
});
