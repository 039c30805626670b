import { GuestAgentTimeout } from '../../../guests/guest-runtime.js';
import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';
import { agentEnabled } from '../agent/agent-options.js';
import { parseProperties } from '../config/property-string.js';
import { checkConfigLock, isRunning, requireGuest, withGuestLock } from '../guest-access.js';
import { runHook } from './hook-script.js';

/** How a guest is ended. */
export interface StopOptions {
  readonly skipLock: boolean;
  /** Ask the guest first (`shutdown`), or pull the plug. */
  readonly shutdown: boolean;
  /** Pull the plug when the guest has not gone in time. */
  readonly force: boolean;
  readonly timeoutSeconds?: number | undefined;
}

/** The work of `qmstop` and `qmshutdown`, under the guest's lock for all of the time-out. Ending a guest that is off is no error. */
export function stopGuest(
  lab: Lab,
  node: string,
  vmid: number,
  task: TaskRun,
  options: StopOptions,
): Promise<void> {
  return withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
    if (!isRunning(lab, vmid)) return;
    const guest = requireGuest(lab, node, vmid);
    if (!options.skipLock) checkConfigLock(guest.config);
    await endProcess(lab, guest, task, options);
    // Before 9.2 this is left to the cleanup that follows the process's end.
    if (lab.release === '9.2') await runHook(lab, guest, 'post-stop', task);
  });
}

/** Ends the guest's process. @throws PveError 500 `VM quit/powerdown failed - got timeout`. */
export async function endProcess(
  lab: Lab,
  guest: GuestRecord,
  task: TaskRun,
  options: StopOptions,
): Promise<void> {
  const { vmid } = guest;
  if (!options.shutdown) await runHook(lab, guest, 'pre-stop', task);
  if (!options.shutdown) {
    await lab.runtime.stop(vmid);
    return;
  }
  const down = parseProperties(guest.config.main.startup ?? '', 'order').down;
  const seconds = options.timeoutSeconds ?? (down === undefined ? 60 : Number(down));
  const gone = exitOf(lab, vmid);
  let asked = true;
  try {
    await askToPowerOff(lab, guest, task, seconds);
  } catch (error) {
    if (task.signal.aborted) throw error;
    asked = false;
  }
  if (!asked && !options.force) {
    gone.cancel();
    throw failure('VM quit/powerdown failed');
  }
  const ended = asked && (await lab.clock.within(seconds * 1000, gone.promise, task.signal));
  gone.cancel();
  if (task.signal.aborted) throw failure('received interrupt');
  if (ended || !isRunning(lab, vmid)) return;
  if (!options.force) throw failure('VM quit/powerdown failed - got timeout');
  await lab.runtime.stop(vmid);
}

/** By the agent if it answers, else by ACPI. */
async function askToPowerOff(lab: Lab, guest: GuestRecord, task: TaskRun, seconds: number): Promise<void> {
  const { vmid } = guest;
  const running = lab.runtime.process(vmid)?.definition.config.agent;
  if (agentEnabled(guest.config.main.agent) || agentEnabled(running)) {
    if (await agentAnswers(lab, vmid, task)) {
      try {
        await lab.runtime.agent(
          vmid,
          { execute: 'guest-shutdown' },
          { timeoutMs: seconds * 1000, signal: task.signal },
        );
      } catch (error) {
        if (isRunning(lab, vmid)) throw error;
      }
      return;
    }
  }
  await lab.runtime.powerdown(vmid);
}

/** Does the agent answer a ping within three seconds? If not, the log says so. */
export async function agentAnswers(
  lab: Lab,
  vmid: number,
  task: Pick<TaskRun, 'log' | 'signal'>,
): Promise<boolean> {
  try {
    await lab.runtime.agent(vmid, { execute: 'guest-ping' }, { timeoutMs: 3000, signal: task.signal });
    return true;
  } catch (error) {
    if (error instanceof GuestAgentTimeout || !task.signal.aborted) {
      task.log(
        `QEMU Guest Agent is not running - VM ${vmid} ${lab.release === '9.2' ? 'qga' : 'qmp'} command 'guest-ping' failed - got timeout`,
      );
    }
    return false;
  }
}

/** A promise of the end of a guest's process. */
function exitOf(lab: Lab, vmid: number): { promise: Promise<void>; cancel: () => void } {
  let off: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    off = lab.runtime.onExit((exit) => {
      if (exit.vmid === vmid) resolve();
    });
    if (!isRunning(lab, vmid)) resolve();
  });
  return { promise, cancel: () => off() };
}
