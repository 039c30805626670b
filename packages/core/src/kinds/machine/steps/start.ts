import { startGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { requireMachine } from '../machine-step.js';

/** Starts the machine; one that runs is left as it is. */
export const start: Step = async (context) => {
  const guest = await requireMachine(context);
  if (guest.status === 'running') return { outcome: 'unchanged' };
  try {
    await awaitTask(
      context,
      await startGuest(context.client, { kind: 'qemu', node: guest.node, vmid: guest.vmid }),
    );
  } catch (error) {
    // Somebody else was faster.
    if (errorCode(error) !== 'PVE_RUNNING') throw error;
    return { outcome: 'unchanged' };
  }
  return { outcome: 'ok' };
};
