import type { Clock } from './clock.js';

/**
 * Lets time pass that nobody waits for: work that goes on after its call was answered. Unlike `sleep` it never makes a virtual clock jump, so that what
 * is asked at once afterwards still sees the work unfinished.
 */
export function elapse(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}
