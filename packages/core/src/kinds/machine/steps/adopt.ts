import { requireGuest, writeGuest } from '../../guest-step.js';
import { listApplied } from '../compare-machine.js';
import { machineStep } from '../machine-step.js';

/** Puts the marker on a machine that exists; everything else of it stays for the steps that follow. */
export const adopt = machineStep(async (context) => {
  const guest = await requireGuest(context);
  if (guest.marker !== undefined) return { outcome: 'unchanged' };
  const { vmid } = context.declared;
  const live = Object.fromEntries(
    Object.keys(listApplied(context.declared, guest)).flatMap((key) => {
      const value = guest.config[key];
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  await writeGuest(context, guest, {
    marker: { v: 1, id: vmid, stage: 'ready', applied: live, from: 'adopted' },
  });
  return { outcome: 'ok' };
});
