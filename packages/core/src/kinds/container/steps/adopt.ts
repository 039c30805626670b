import { requireGuest, writeGuest } from '../../guest-step.js';
import { listApplied } from '../compare-container.js';
import { containerStep } from '../container-step.js';

/** Puts the marker on a container that exists; everything else of it stays for the steps that follow. */
export const adopt = containerStep(async (context) => {
  const guest = await requireGuest(context);
  if (guest.marker !== undefined) return { outcome: 'unchanged' };
  const live = Object.fromEntries(
    Object.keys(listApplied(context.declared, guest)).flatMap((key) => {
      const value = guest.config[key];
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  await writeGuest(context, guest, {
    marker: { v: 1, id: context.declared.vmid, stage: 'ready', applied: live, from: 'adopted' },
  });
  return { outcome: 'ok' };
});
