import { startGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import type { Step } from '../../apply/step-context.js';
import { errorCode } from '../../errors/describe-error.js';
import { guestRefOf, requireGuest } from '../guest-step.js';

/** Starts the guest; one that runs is left as it is. */
export const start: Step = async (context) => {
  const guest = await requireGuest(context);
  if (guest.status === 'running') return { outcome: 'unchanged' };
  try {
    await awaitTask(context, await startGuest(context.client, guestRefOf(guest)));
  } catch (error) {
    // Somebody else was faster.
    if (errorCode(error) !== 'PVE_RUNNING') throw error;
    return { outcome: 'unchanged' };
  }
  return { outcome: 'ok' };
};
