import { describeError, errorCode } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { growingPauses, pause } from './pause.js';
import { settleGuest } from './settle-guest.js';
import type { Step, StepContext, StepResult } from './step-context.js';

/** Why a step is run again, by the code of what ended it. Steps look before they act, so this never repeats a call blindly. */
const reasonsToLookAgain: Readonly<Record<string, string>> = {
  PVE_OUTCOME_UNKNOWN: 'the last call got no clear answer; looking whether it happened',
  PVE_LOCK_TIMEOUT: 'another operation holds the lock',
  PVE_LOCKED: 'locked by another operation',
  PVE_DIGEST: 'somebody else changed the configuration; planning the step again',
  PVE_EXISTS: 'it exists by now; looking at it',
  PVE_NODE_OFFLINE: 'the node does not answer',
  PVE_UNREACHABLE: 'the endpoint does not answer',
};

/** Times a step is run again for something that should pass quickly; locks are waited for by the clock instead. */
const patience: Readonly<Record<string, number>> = {
  PVE_OUTCOME_UNKNOWN: 8,
  PVE_DIGEST: 5,
  PVE_EXISTS: 3,
  PVE_NODE_OFFLINE: 4,
  PVE_UNREACHABLE: 4,
};

/**
 * Runs one step until it is done, looking again where that is right: after an unclear answer, a lock, a digest that no longer holds.
 * @throws the step's last error; for a lock that outlasts `timeouts.lock` (default 5 minutes) `PHOENIX_GUEST_LOCKED` with its holder.
 */
export async function attemptStep(step: Step, context: StepContext): Promise<StepResult> {
  const lockDeadline = Date.now() + (context.declaredGuest?.timeouts.lockMs ?? 300_000);
  const counts = new Map<string, number>();
  const pauses = growingPauses(200, 3000);
  for (;;) {
    context.signal.throwIfAborted();
    try {
      return await step(context);
    } catch (error) {
      context.signal.throwIfAborted();
      const code = errorCode(error);
      const why = reasonsToLookAgain[code];
      if (why === undefined) throw error;
      const limit = patience[code];
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (limit !== undefined && count > limit) throw error;
      const { message } = describeError(error);
      if (limit === undefined && Date.now() > lockDeadline) {
        throw new PhoenixError({
          code: 'PHOENIX_GUEST_LOCKED',
          message: `Guest ${context.vmid} (${context.guestName}) stayed locked: ${message}`,
          hint: 'Wait for the operation that holds it, or, if it died, run `qm unlock VMID` (`pct unlock VMID`) on the node; then run again.',
          cause: error,
          details: { vmid: context.vmid },
        });
      }
      context.report.progress(`${why}: ${message}`);
      await pause(pauses.next().value, context.signal);
      if (context.action.vmid !== undefined) await settleGuest(context);
    }
  }
}
