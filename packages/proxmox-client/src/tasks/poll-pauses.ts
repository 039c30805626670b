import { setTimeout as sleep } from 'node:timers/promises';

const SHORTEST = 100;
const LONGEST = 1_000;

/** Yields the pause in milliseconds before each look: 100 growing to 1000, and short again whenever something moved. */
export function pollPauses(): (moved: boolean) => number {
  let next = SHORTEST;
  return (moved) => {
    const now = moved ? SHORTEST : next;
    next = Math.min(LONGEST, now * 1.5);
    return now;
  };
}

/** Waits; rejects with the reason of the signal as soon as that aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
