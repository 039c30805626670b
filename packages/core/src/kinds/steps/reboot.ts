import { startGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import type { Step } from '../../apply/step-context.js';
import { errorCode } from '../../errors/describe-error.js';
import { guestRefOf, requireGuest } from '../guest-step.js';
import { bringDown } from './shutdown.js';

/**
 * Shuts the guest down and starts it, which is what brings pending settings into effect; a restart from inside does not.
 * With `input.always` false it is left running when nothing waits.
 */
export const reboot: Step = async (context) => {
  const { action, client } = context;
  const guest = await requireGuest(context);
  if (action.input.always !== true && guest.status === 'running' && Object.keys(guest.pending).length === 0)
    return { outcome: 'unchanged' };
  await bringDown(context, { force: action.input.force === true });
  try {
    await awaitTask(context, await startGuest(client, guestRefOf(guest)));
  } catch (error) {
    if (errorCode(error) !== 'PVE_RUNNING') throw error;
  }
  return { outcome: 'ok' };
};
