import { failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { addUnused, ownsVolume, tidyUnused } from '../config/write-config.js';
import {
  checkConfigLock,
  isRunning,
  isTemplate,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';
import { startGuest, startNow } from '../lifecycle/start.js';
import { stateDrives } from './guest-volumes.js';

/**
 * POST …/rollback: disks and configuration as they were. Description and unused disks stay, pending changes are lost, disks added since become unused.
 * The guest runs afterwards only if the snapshot holds its memory, or with `start` (a task of its own).
 */
export function rollbackSnapshot(ctx: RequestContext): string {
  const { lab, node, params, caller } = ctx;
  const vmid = vmidOf(ctx);
  const name = params.require('snapname');
  const start = params.boolean('start') === true;
  if (start && lab.release === '9.2') lab.access.checkGuest(caller, vmid, undefined, ['VM.PowerMgmt']);
  return ctx.startTask({
    type: 'qmrollback',
    id: vmid,
    run: async (task) => {
      const withMemory = await withGuestLock(
        lab,
        node,
        vmid,
        { log: task.log, signal: task.signal },
        async () => {
          const guest = requireGuest(lab, node, vmid);
          const { config } = guest;
          if (isTemplate(config)) throw failure(`snapshot '${name}' does not exist`);
          const section = config.snapshots[name];
          if (section === undefined) throw failure(`snapshot '${name}' does not exist`);
          checkConfigLock(config);
          for (const drive of stateDrives(section)) {
            if (lab.storages.volume(node, drive.file) === undefined)
              throw failure(`volume '${drive.file}' does not exist`);
          }
          config.main.lock = 'rollback';
          try {
            if (isRunning(lab, vmid)) await lab.runtime.stop(vmid);
            for (const drive of stateDrives(section)) {
              await lab.storages.rollback(node, drive.file, name);
              const facts = await lab.runtime.disks.inspect(lab.storages.file(node, drive.file));
              if (facts !== undefined) lab.storages.recordSize(node, drive.file, facts.sizeBytes);
            }
          } finally {
            delete config.main.lock;
          }
          const before = config.main;
          config.main = restored(section, before, name);
          config.pending = {};
          if (config.main.vmgenid !== undefined) config.main.vmgenid = lab.uuid();
          for (const drive of stateDrives(before)) {
            if (ownsVolume(lab, vmid, drive.file)) addUnused(config.main, drive.file);
          }
          tidyUnused(config);
          if (section.vmstate === undefined) return false;
          await startNow(lab, guest, task, section.vmstate, true);
          return true;
        },
      );
      if (start && !withMemory) {
        lab.tasks.start({
          type: 'qmstart',
          id: String(vmid),
          node,
          user: caller.authid,
          run: (inner) => startGuest(lab, node, vmid, inner),
        });
      }
    },
  });
}

function restored(section: ConfigSection, before: ConfigSection, name: string): ConfigSection {
  const main: ConfigSection = {};
  for (const [key, value] of Object.entries(section)) {
    if (!/^(snaptime|snapstate|vmstate|description|runningmachine|runningcpu|parent)$/.test(key))
      main[key] = value;
  }
  for (const [key, value] of Object.entries(before))
    if (key === 'description' || /^unused\d+$/.test(key)) main[key] = value;
  main.parent = name;
  return main;
}
