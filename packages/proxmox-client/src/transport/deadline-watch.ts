/** Something that is given up at a point in time, which may move on while it is watched. */
export interface Expiring {
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
  /** Where the watch keeps it; nobody else's business. Absent while it is not watched. */
  watchIndex?: number | undefined;
  onExpired(): void;
}

/** Ends what takes too long. */
export interface DeadlineWatch {
  add(wait: Expiring): void;
  delete(wait: Expiring): void;
}

/** Node's timers know no longer pause. */
const LONGEST_PAUSE_MS = 2_147_483_647;

/**
 * Watches any number of waits with one timer that is set for the earliest end and left alone when a wait is over: most calls are
 * answered long before their time, so a timer for each would be set only to be cleared. It keeps no process alive; the sockets of
 * what is under way do.
 *
 * Waits stand in an array, not in a `Set`: V8 links the outgrown tables of a set that things come to and leave forward to the table in
 * use, so that one old table keeps all later ones alive, with every answer that was awaited in them, until the next full collection.
 */
export function createDeadlineWatch(): DeadlineWatch {
  const waits: Expiring[] = [];
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Number.POSITIVE_INFINITY;

  const remove = (wait: Expiring): void => {
    const index = wait.watchIndex;
    if (index === undefined) return;
    wait.watchIndex = undefined;
    const last = waits.pop();
    if (last === undefined || last === wait) return;
    waits[index] = last;
    last.watchIndex = index;
  };
  const arm = (at: number): void => {
    clearTimeout(timer);
    firesAt = at;
    timer = setTimeout(fire, Math.min(Math.max(0, at - performance.now()), LONGEST_PAUSE_MS)).unref();
  };
  const fire = (): void => {
    firesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const wait of [...waits]) {
      if (wait.watchIndex === undefined || wait.expiresAt > now) continue;
      remove(wait);
      wait.onExpired();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const wait of waits) next = Math.min(next, wait.expiresAt);
    if (next < firesAt) arm(next);
  };

  return {
    add(wait) {
      wait.watchIndex = waits.push(wait) - 1;
      if (wait.expiresAt < firesAt) arm(wait.expiresAt);
    },
    delete: remove,
  };
}
