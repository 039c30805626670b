import { runHostScript } from '../../../guests/simulated/run-host-script.js';
import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';

/** The moments at which PVE calls a guest's hook script. */
export type HookPhase = 'pre-start' | 'post-start' | 'pre-stop' | 'post-stop';

/**
 * Runs a guest's hook script (an executable snippet) with vmid and phase; what it prints goes to the task's log.
 * @throws PveError when a `pre-start` script is missing or fails, which keeps the guest from starting.
 */
export async function runHook(
  lab: Lab,
  guest: GuestRecord,
  phase: HookPhase,
  task: Pick<TaskRun, 'log'>,
): Promise<void> {
  const { hookscript } = guest.config.main;
  if (hookscript === undefined) return;
  if (lab.storages.volume(guest.node, hookscript) === undefined) {
    if (phase === 'pre-start') throw failure(`script '${hookscript}' does not exist`);
    return;
  }
  const path = lab.storages.path(guest.node, hookscript);
  let rest = '';
  const { code } = await runHostScript(
    lab,
    await lab.storages.readFile(guest.node, hookscript),
    [String(guest.vmid), phase],
    (text) => {
      const lines = (rest + Buffer.from(text, 'latin1').toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) task.log(line);
    },
  );
  if (rest !== '') task.log(rest);
  if (code === 0) return;
  const text = `hookscript error for ${guest.vmid} on ${phase}: command '${path} ${guest.vmid} ${phase}' failed: exit code ${code}`;
  if (phase === 'pre-start') throw failure(text);
  task.log(text);
}
