import { shutdownGuest, stopGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import type { Step, StepContext } from '../../apply/step-context.js';
import { errorCode } from '../../errors/describe-error.js';
import { guestRefOf, requireGuest } from '../guest-step.js';

/** Shuts a guest down within its time-out, then stops it. Resolves to false when it was down already. */
export async function bringDown(
  context: StepContext,
  options: { readonly force: boolean },
): Promise<boolean> {
  const { client, declaredGuest, report } = context;
  const guest = await requireGuest(context);
  if (guest.status !== 'running') return false;
  const ref = guestRefOf(guest);
  if (!options.force) {
    const timeoutSeconds = Math.max(1, Math.round((declaredGuest?.timeouts.shutdownMs ?? 60_000) / 1000));
    try {
      report.progress(`asking the guest to shut down, for at most ${timeoutSeconds} s`);
      await awaitTask(context, await shutdownGuest(client, { ...ref, timeoutSeconds }));
      return true;
    } catch (error) {
      // Locks and unclear answers are for the executor; a guest that does not go down by itself is stopped.
      if (errorCode(error) === 'PVE_NOT_RUNNING') return true;
      if (
        !['PVE_TASK_FAILED', 'PVE_SERVER', 'PVE_TIMEOUT', 'PVE_AGENT_NOT_RUNNING'].includes(errorCode(error))
      )
        throw error;
      if ((await requireGuest(context)).status !== 'running') return true;
      report.warn(
        `${context.vmid} (${context.guestName}) did not shut down within ${timeoutSeconds} s and was stopped`,
      );
    }
  }
  await awaitTask(context, await stopGuest(client, { ...ref, overruleShutdown: true }));
  return true;
}

/** Brings the guest down gracefully; what does not go down in time is stopped. */
export const shutdown: Step = async (context) => ({
  outcome: (await bringDown(context, { force: context.action.input.force === true })) ? 'ok' : 'unchanged',
});
