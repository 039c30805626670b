import type { GuestShell } from '@phoenix/features';
import { errorCode } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { ObservedGuest } from '../observe/inventory.js';

/** A guest is looked at once it has given no answer for so long: until then it is thought to boot, or its agent to restart. */
const LOOK_AFTER_MS = 15_000;
/** Looks in a row that must find it off: a guest that Proxmox VE restarts is off for a moment. */
const LOOKS = 3;

/** The guest that a shell leads into. */
export interface MindedGuest {
  readonly vmid: number;
  readonly name: string;
  /** Reads it as it is now. */
  look(): Promise<ObservedGuest | undefined>;
}

/**
 * The same way into a guest, but it tells a guest that is off from one that does not answer for now: somebody else may have stopped it, sealed it
 * or deleted it, and then no patience helps. `now` is a clock in milliseconds.
 * @throws {PhoenixError} `PHOENIX_GUEST_STOPPED` in place of `GUEST_UNREACHABLE`, from the third look on that finds it off
 */
export function mindStoppedGuest(
  shell: GuestShell,
  guest: MindedGuest,
  now: () => number = () => performance.now(),
): GuestShell {
  let silentSince: number | undefined;
  let off = 0;
  const isOff = async (): Promise<boolean> => {
    silentSince ??= now();
    if (now() - silentSince < LOOK_AFTER_MS) return false;
    try {
      off = (await guest.look())?.status === 'running' ? 0 : off + 1;
    } catch {
      // The node does not answer either: nothing is known about the guest.
      off = 0;
    }
    return off >= LOOKS;
  };
  const mind = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      silentSince = undefined;
      off = 0;
      return result;
    } catch (error) {
      if (errorCode(error) !== 'GUEST_UNREACHABLE' || !(await isOff())) throw error;
      throw new PhoenixError({
        code: 'PHOENIX_GUEST_STOPPED',
        message: `Guest ${guest.vmid} (${guest.name}) was stopped while Phoenix worked in it.`,
        hint: 'Find out who stopped it (a person, another run of Phoenix that seals it), or look at its console; then run again.',
        cause: error,
        details: { vmid: guest.vmid },
      });
    }
  };
  return {
    description: shell.description,
    run: (command) => mind(() => shell.run(command)),
    writeFile: (...args) => mind(() => shell.writeFile(...args)),
    readFile: (...args) => mind(() => shell.readFile(...args)),
  };
}
