import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';

/** The moments at which PVE calls a guest's hook script. */
export type HookPhase = 'pre-start' | 'post-start' | 'pre-stop' | 'post-stop';

/**
 * Accounts for a guest's hook script. The lab does not run host scripts; it checks that the script is there, as PVE does, and that is all.
 * @throws PveError when a `pre-start` script is missing.
 */
export async function runHook(lab: Lab, guest: GuestRecord, phase: HookPhase, _task: TaskRun): Promise<void> {
  const { hookscript } = guest.config.main;
  if (hookscript === undefined) return;
  if (lab.storages.volume(guest.node, hookscript) === undefined && phase === 'pre-start') {
    throw failure(`script '${hookscript}' does not exist`);
  }
}
