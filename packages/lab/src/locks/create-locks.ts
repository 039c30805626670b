import type { Clock } from '../clock/clock.js';
import { failure } from '../http/pve-error.js';
import type { Locks } from './locks.js';

/** How long PVE waits for a guest's lock unless it says otherwise. */
const DEFAULT_TIMEOUT_MS = 10_000;

interface Held {
  holders: number;
  shared: boolean;
  readonly waiting: { readonly shared: boolean; readonly grant: () => void }[];
}

/** flock in memory: exclusive or shared, first come first served. `fault` makes a lock time out at once (lab time passes). */
export function createLocks(clock: Clock, fault: (path: string) => boolean): Locks {
  const locks = new Map<string, Held>();

  const release = (key: string, lock: Held): void => {
    lock.holders -= 1;
    if (lock.holders > 0) return;
    const first = lock.waiting.shift();
    if (first === undefined) {
      locks.delete(key);
      return;
    }
    lock.shared = first.shared;
    lock.holders = 1;
    first.grant();
    while (lock.shared && lock.waiting[0]?.shared === true) {
      lock.holders += 1;
      lock.waiting.shift()?.grant();
    }
  };

  const hold: Locks['hold'] = async (path, options, action) => {
    const key = `${options.node}:${path}`;
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const shared = options.shared ?? false;
    const timedOut = () => failure(`can't lock file '${path}' - got timeout`);
    if (fault(path)) {
      await clock.sleep(timeoutMs, options.signal);
      throw timedOut();
    }
    let lock = locks.get(key);
    if (lock === undefined) {
      lock = { holders: 1, shared, waiting: [] };
      locks.set(key, lock);
    } else if (lock.shared && shared && lock.waiting.length === 0) {
      lock.holders += 1;
    } else {
      options.log?.('trying to acquire lock...');
      let grant: () => void = () => {};
      const granted = new Promise<void>((resolve) => {
        grant = resolve;
      });
      let taken = false;
      const waiter = {
        shared,
        grant: () => {
          taken = true;
          grant();
        },
      };
      lock.waiting.push(waiter);
      await clock.within(timeoutMs, granted, options.signal);
      if (!taken) {
        lock.waiting.splice(lock.waiting.indexOf(waiter), 1);
        throw timedOut();
      }
      options.log?.(' OK');
    }
    const held = lock;
    try {
      return await action();
    } finally {
      release(key, held);
    }
  };
  return { hold, isHeld: (node, path) => locks.has(`${node}:${path}`) };
}
