import type { Clock } from './clock.js';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly foreground: boolean;
  /** Real time (performance.now) before which it is not jumped over. */
  readonly patientUntil: number;
  readonly action: () => void;
}

/** How many turns of the event loop a virtual clock lets pass before it takes the process for idle and jumps. */
const IDLE_TURNS = 2;

/** Waits longer than this are long ones. */
const LONG_MS = 5000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The wall clock. Pending schedules do not keep the process alive. */
export function createRealClock(): Clock {
  const pending = new Set<NodeJS.Timeout>();
  const after = (ms: number, action: () => void, unref: boolean) => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      action();
    }, ms);
    if (unref) timer.unref();
    pending.add(timer);
    return () => {
      clearTimeout(timer);
      pending.delete(timer);
    };
  };
  return createClock(
    'real',
    () => Date.now(),
    after,
    () => {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  );
}

/**
 * A clock that jumps: as soon as a sleeper waits and nothing else runs, time moves to the next thing due. Without sleepers it runs with real time
 * (from `startMs`, default now), so that what was scheduled happens for a client that merely polls. With `patienceMs` a wait of more than five seconds is
 * jumped over only after so much real time, and so long after the last request: a client can look at a task at work, and stop it.
 */
export function createVirtualClock(
  startMs: number = Date.now(),
  options: { readonly patienceMs?: number } = {},
): Clock {
  const { patienceMs = 0 } = options;
  let lastRequest = Number.NEGATIVE_INFINITY;
  let timers: Timer[] = [];
  let order = 0;
  let skipped = startMs - performance.now();
  let jumping = false;
  let closed = false;
  let wake: NodeJS.Timeout | undefined;
  let hurry: (() => void) | undefined;
  const now = () => skipped + performance.now();

  const fireDue = (until: number): void => {
    for (;;) {
      const next = earliest();
      if (next === undefined || next.due > until) return;
      timers = timers.filter((timer) => timer !== next);
      next.action();
    }
  };
  const earliest = (): Timer | undefined => {
    let best: Timer | undefined;
    for (const timer of timers) {
      if (best === undefined || timer.due < best.due || (timer.due === best.due && timer.order < best.order))
        best = timer;
    }
    return best;
  };
  const rearm = (): void => {
    if (wake !== undefined) clearTimeout(wake);
    wake = undefined;
    const next = earliest();
    if (next === undefined || closed) return;
    wake = setTimeout(
      () => {
        fireDue(now());
        rearm();
      },
      Math.min(Math.max(0, next.due - now()), 0x7fffffff),
    );
    wake.unref();
  };
  /** Waits in real time, but no longer than until a foreground wait begins that is not patient. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        hurry = undefined;
        resolve();
      }
      hurry = done;
    });
  const jumpTo = (ms: number): void => {
    if (ms > now()) skipped += ms - now();
  };
  const jump = async (): Promise<void> => {
    if (jumping) return;
    jumping = true;
    while (!closed && timers.some((timer) => timer.foreground)) {
      for (let count = 0; count < IDLE_TURNS; count += 1) await turn();
      const waiting = timers.filter((timer) => timer.foreground);
      if (waiting.length === 0) break;
      const impatient = waiting.some((timer) => timer.patientUntil === 0);
      const patientUntil = Math.max(lastRequest + patienceMs, ...waiting.map((timer) => timer.patientUntil));
      if (!impatient && patientUntil > performance.now()) {
        await pause(patientUntil - performance.now());
        fireDue(now());
        continue;
      }
      const next = earliest();
      if (next === undefined) break;
      jumpTo(next.due);
      timers = timers.filter((timer) => timer !== next);
      next.action();
    }
    jumping = false;
    rearm();
  };
  const after = (ms: number, action: () => void, background: boolean) => {
    const patient = !background && ms > LONG_MS && patienceMs > 0;
    const timer: Timer = {
      due: now() + ms,
      order: order++,
      foreground: !background,
      patientUntil: patient ? performance.now() + patienceMs : 0,
      action,
    };
    timers.push(timer);
    if (timer.foreground && !patient) hurry?.();
    if (timer.foreground) void jump();
    else if (!jumping) rearm();
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const clock = createClock('virtual', now, after, () => {
    closed = true;
    timers = [];
    if (wake !== undefined) clearTimeout(wake);
  });
  return {
    ...clock,
    noticeRequest: () => {
      lastRequest = performance.now();
    },
    advance: async (ms) => {
      const target = now() + ms;
      for (;;) {
        for (let count = 0; count < IDLE_TURNS; count += 1) await turn();
        const next = earliest();
        if (next === undefined || next.due > target) break;
        jumpTo(next.due);
        timers = timers.filter((timer) => timer !== next);
        next.action();
      }
      jumpTo(target);
      rearm();
    },
  };
}

function createClock(
  kind: Clock['kind'],
  now: () => number,
  after: (ms: number, action: () => void, background: boolean) => () => void,
  close: () => void,
): Clock {
  const sleep: Clock['sleep'] = (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = () => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = after(ms, done, false);
      signal?.addEventListener('abort', done, { once: true });
    });
  return {
    kind,
    now,
    sleep,
    schedule: (ms, action) => after(ms, action, true),
    within: async (ms, event, signal) => {
      const over = new AbortController();
      const stop = () => over.abort();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await Promise.race([event.then(() => true), sleep(ms, over.signal).then(() => false)]);
      } finally {
        signal?.removeEventListener('abort', stop);
        over.abort();
      }
    },
    advance: (ms) => sleep(ms),
    noticeRequest: () => {},
    close,
  };
}
