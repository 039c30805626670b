/** Something that is given up at a point in time, which may move on while it is watched. */
export interface Expiring {
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
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
 */
export function createDeadlineWatch(): DeadlineWatch {
  const waits = new Set<Expiring>();
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Number.POSITIVE_INFINITY;

  const arm = (at: number): void => {
    clearTimeout(timer);
    firesAt = at;
    timer = setTimeout(fire, Math.min(Math.max(0, at - performance.now()), LONGEST_PAUSE_MS)).unref();
  };
  const fire = (): void => {
    firesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const wait of [...waits]) {
      if (wait.expiresAt > now) continue;
      waits.delete(wait);
      wait.onExpired();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const wait of waits) next = Math.min(next, wait.expiresAt);
    if (next < firesAt) arm(next);
  };

  return {
    add(wait) {
      waits.add(wait);
      if (wait.expiresAt < firesAt) arm(wait.expiresAt);
    },
    delete(wait) {
      waits.delete(wait);
    },
  };
}
