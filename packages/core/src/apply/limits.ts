/** Counting semaphores by key, so that a cluster is not asked for more at once than it bears. */
export interface Limits {
  /** Runs `work` as soon as every key has room; keys are taken together, so that two works never wait for each other. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly keys: readonly string[];
  readonly start: () => void;
}

/**
 * Makes limits: `capacity` says how many may hold a key at once.
 * Waiters are served in order of arrival as far as their keys have room.
 */
export function createLimits(capacity: (key: string) => number): Limits {
  const held = new Map<string, number>();
  let queue: Waiting[] = [];
  const hasRoom = (keys: readonly string[]) => keys.every((key) => (held.get(key) ?? 0) < capacity(key));
  const take = (keys: readonly string[]) => {
    for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1);
  };
  const release = (keys: readonly string[]) => {
    for (const key of keys) {
      const left = (held.get(key) ?? 1) - 1;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    }
    const still: Waiting[] = [];
    for (const waiting of queue) {
      if (hasRoom(waiting.keys)) {
        take(waiting.keys);
        waiting.start();
      } else still.push(waiting);
    }
    queue = still;
  };
  return {
    async run(keys, work) {
      const unique = [...new Set(keys)];
      if (hasRoom(unique)) take(unique);
      else await new Promise<void>((start) => queue.push({ keys: unique, start }));
      try {
        return await work();
      } finally {
        release(unique);
      }
    },
  };
}
