import { startGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { requireMachine } from '../machine-step.js';
import { bringDown } from './shutdown.js';

/**
 * Shuts the machine down and starts it, which is what brings pending settings into effect; a restart from inside does not.
 * With `input.always` false it is left running when nothing waits.
 */
export const reboot: Step = async (context) => {
  const { action, client, vmid } = context;
  const guest = await requireMachine(context);
  if (action.input.always !== true && guest.status === 'running' && Object.keys(guest.pending).length === 0)
    return { outcome: 'unchanged' };
  await bringDown(context, { force: action.input.force === true });
  try {
    await awaitTask(context, await startGuest(client, { kind: 'qemu', node: guest.node, vmid }));
  } catch (error) {
    if (errorCode(error) !== 'PVE_RUNNING') throw error;
  }
  return { outcome: 'ok' };
};
