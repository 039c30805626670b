import { failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';
import { agentEnabled } from '../agent/agent-options.js';
import {
  checkConfigLock,
  isRunning,
  isTemplate,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';
import { agentAnswers } from '../lifecycle/stop.js';
import { allocateState, runningHardware, stateStorage } from '../lifecycle/suspend.js';
import { hasFeature, stateDrives } from './guest-volumes.js';

/** Keys of the current configuration that a snapshot does not hold. */
const excluded = /^(unused\d+|lock|description|parent|snaptime|snapstate|vmstate|runningmachine|runningcpu)$/;

/** POST …/snapshot. */
export function createSnapshot(ctx: RequestContext, name: string): string {
  const { lab, node, params } = ctx;
  const vmid = vmidOf(ctx);
  const withMemory = params.boolean('vmstate') === true;
  const description = params.get('description');
  return ctx.startTask({
    type: 'qmsnapshot',
    id: vmid,
    run: (task) =>
      withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
        const guest = requireGuest(lab, node, vmid);
        const { config } = guest;
        checkConfigLock(config);
        if (isTemplate(config)) throw failure("you can't take a snapshot if it's a template");
        if (config.snapshots[name] !== undefined) throw failure(`snapshot name '${name}' already used`);
        const running = isRunning(lab, vmid);
        if (!hasFeature(lab, node, config.main, 'snapshot', { running }))
          throw failure('snapshot feature is not available');
        const section: ConfigSection = {};
        for (const [key, value] of Object.entries(config.main)) if (!excluded.test(key)) section[key] = value;
        if (config.main.parent !== undefined) section.parent = config.main.parent;
        section.snaptime = String(Math.floor(lab.clock.now() / 1000));
        if (description !== undefined && description !== '') section.description = description;
        config.main.lock = 'snapshot';
        const done: string[] = [];
        try {
          if (running) await catchState(lab, guest, task, name, section, withMemory);
          for (const drive of stateDrives(config.main)) {
            task.log(`snapshotting 'drive-${drive.key}' (${drive.file})`);
            await lab.storages.snapshot(node, drive.file, name);
            if (running && lab.release === '9.2') task.log('internal qemu snapshot');
            done.push(drive.file);
          }
          config.snapshots[name] = section;
          config.main.parent = name;
        } catch (error) {
          for (const volid of done) await lab.storages.deleteSnapshot(node, volid, name);
          if (section.vmstate !== undefined) await lab.storages.free(node, section.vmstate);
          throw error;
        } finally {
          delete config.main.lock;
        }
      }),
  });
}

/** A running guest's memory, or at least quiet file systems. */
async function catchState(
  lab: Lab,
  guest: GuestRecord,
  task: TaskRun,
  name: string,
  section: ConfigSection,
  withMemory: boolean,
): Promise<void> {
  const { vmid, node, config } = guest;
  if (!withMemory) {
    if (!agentEnabled(config.main.agent)) return;
    const quiet = lab.release === '9.2' ? { log: () => {}, signal: task.signal } : task;
    const answers = await agentAnswers(lab, vmid, quiet);
    if (lab.release === '8.4') return;
    if (answers) {
      task.log("issuing guest agent 'guest-fsfreeze-freeze' command");
      task.log("issuing guest agent 'guest-fsfreeze-thaw' command");
    } else task.log('skipping guest filesystem freeze - agent configured but not running?');
    return;
  }
  const volid = await allocateState(lab, guest, name, (line) => task.log(line));
  task.log(`saving VM state and RAM using storage '${stateStorage(guest)}'`);
  await lab.runtime.saveState(vmid, lab.storages.file(node, volid));
  task.log('272.00 B in 0s');
  task.log('completed saving the VM state in 0s, saved 2.08 MiB');
  Object.assign(section, runningHardware(lab, guest), { vmstate: volid });
}
