import { setTimeout as delay } from 'node:timers/promises';

/** Waits; rejects at once with the signal's reason when it is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Pauses that grow from `firstMs` by half to `lastMs`: quick answers for quick work, few questions for slow work. */
export function* growingPauses(firstMs: number, lastMs: number): Generator<number, never> {
  for (let next = firstMs; ; next = Math.min(lastMs, next * 1.5)) yield Math.round(next);
}
