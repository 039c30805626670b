/** How one attempt failed, as far as it matters for another. */
export type AttemptFailure =
  /** The connection was not made; nothing was sent. */
  | { readonly kind: 'not-sent' }
  /** Something was sent, and then the connection broke or the deadline passed. */
  | { readonly kind: 'cut' }
  /** The server answered with an error. */
  | { readonly kind: 'answer'; readonly status: number; readonly withoutEffect: boolean };

export type RetryDecision =
  /** Send again, to another endpoint if there is one. */
  | 'elsewhere'
  /** Send again as it was, after a pause. */
  | 'again'
  /** Report the failure as it is. */
  | 'give-up'
  /** Report that nobody knows whether it happened. */
  | 'outcome-unknown';

/**
 * The one retry policy: repeat only what cannot have had an effect.
 *
 * | failure | reading call | changing call |
 * |---|---|---|
 * | not connected | elsewhere | elsewhere |
 * | cut after sending | elsewhere | outcome unknown |
 * | 502–504, 595–599 | elsewhere | outcome unknown |
 * | refused without effect (lock wait over, no worker) | again | again |
 * | any other answer | give up | give up |
 */
export function decideRetry(reading: boolean, failure: AttemptFailure): RetryDecision {
  switch (failure.kind) {
    case 'not-sent':
      return 'elsewhere';
    case 'cut':
      return reading ? 'elsewhere' : 'outcome-unknown';
    case 'answer':
      if (isGatewayStatus(failure.status)) return reading ? 'elsewhere' : 'outcome-unknown';
      return failure.withoutEffect ? 'again' : 'give-up';
  }
}

/** A node or proxy between us and the code that does the work answered in its place. */
export function isGatewayStatus(status: number): boolean {
  return status >= 595 || (status >= 502 && status <= 504);
}

/** Pause before attempt number `attempt` (the second is 1): none for the first change of endpoint, then growing. */
export function pauseBefore(attempt: number, decision: RetryDecision, endpoints: number): number {
  if (decision === 'elsewhere' && attempt < endpoints) return 0;
  return Math.min(200 * 2 ** (attempt - 1), 2_000);
}
