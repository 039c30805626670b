import { describeError, errorCode } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { findLockHolder, type LockHolder } from './find-lock-holder.js';
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

const locks: ReadonlySet<string> = new Set(['PVE_LOCK_TIMEOUT', 'PVE_LOCKED']);

function describeHolder(holder: LockHolder | undefined): string {
  return holder === undefined
    ? 'no task that this token can see works on it'
    : `held by ${holder.type} of ${holder.user} (${holder.upid})`;
}

function stayedLocked(
  context: StepContext,
  error: unknown,
  holder: LockHolder | undefined,
  waitedMs: number,
): PhoenixError {
  const { vmid, guestName, declaredGuest } = context;
  const unlock = declaredGuest?.kind === 'container' ? 'pct unlock' : 'qm unlock';
  return new PhoenixError({
    code: 'PHOENIX_GUEST_LOCKED',
    message: `Guest ${vmid} (${guestName}) stayed locked for ${Math.round(waitedMs / 1000)} s: ${describeError(error).message}; ${describeHolder(holder)}.`,
    hint:
      holder === undefined
        ? `If what locked it died, run \`${unlock} ${vmid}\` on the node; then run again.`
        : 'Wait for that task, or ask its user; then run again. `timeouts.lock` waits longer.',
    cause: error,
    details: { vmid, ...(holder === undefined ? {} : { holder }) },
  });
}

function contended(context: StepContext, error: unknown, times: number): PhoenixError {
  const { vmid, guestName } = context;
  return new PhoenixError({
    code: 'PHOENIX_CONTENDED',
    message: `Guest ${vmid} (${guestName}) was changed by somebody else ${times} times while Phoenix was about to change it: ${describeError(error).message}`,
    hint: 'Find out what else works on it (another run of Phoenix, a person, a script), let one of the two finish, then run again.',
    cause: error,
    details: { vmid },
  });
}

/**
 * Runs one step until it is done, looking again where that is right: after an unclear answer, a lock, a digest that no longer holds.
 * Whoever holds a lock is named while it is waited for.
 * @throws the step's last error; for a lock that outlasts `timeouts.lock` (default 5 minutes) `PHOENIX_GUEST_LOCKED` with its holder; for a
 * guest that somebody else keeps changing `PHOENIX_CONTENDED`
 */
export async function attemptStep(step: Step, context: StepContext): Promise<StepResult> {
  const started = Date.now();
  const lockDeadline = started + (context.declaredGuest?.timeouts.lockMs ?? 300_000);
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
      if (limit !== undefined && count > limit)
        throw code === 'PVE_DIGEST' ? contended(context, error, count) : error;
      const locked = locks.has(code);
      const holder = locked ? await findLockHolder(context) : undefined;
      if (locked && Date.now() > lockDeadline)
        throw stayedLocked(context, error, holder, Date.now() - started);
      const note = locked ? `; ${describeHolder(holder)}` : '';
      context.report.progress(`${why}: ${describeError(error).message}${note}`);
      await pause(pauses.next().value, context.signal);
      if (context.action.vmid !== undefined) await settleGuest(context);
    }
  }
}
