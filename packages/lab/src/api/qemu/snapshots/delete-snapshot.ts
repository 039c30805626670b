import { failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import { checkConfigLock, isTemplate, requireGuest, vmidOf, withGuestLock } from '../guest-access.js';
import { stateDrives } from './guest-volumes.js';

/** DELETE …/snapshot/{snapname}: what came after it now comes after what it came after. With `force` images that refuse are passed over. */
export function deleteSnapshot(ctx: RequestContext): string {
  const { lab, node, params } = ctx;
  const vmid = vmidOf(ctx);
  const name = params.require('snapname');
  const force = params.boolean('force') === true;
  return ctx.startTask({
    type: 'qmdelsnapshot',
    id: vmid,
    run: (task) =>
      withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
        const { config } = requireGuest(lab, node, vmid);
        checkConfigLock(config);
        if (isTemplate(config)) throw failure(`snapshot '${name}' does not exist`);
        const section = config.snapshots[name];
        if (section === undefined) throw failure(`snapshot '${name}' does not exist`);
        config.main.lock = 'snapshot-delete';
        try {
          for (const drive of stateDrives(section)) {
            try {
              await lab.storages.deleteSnapshot(node, drive.file, name);
            } catch (error) {
              if (!force) throw error;
            }
          }
          if (section.vmstate !== undefined && lab.storages.volume(node, section.vmstate) !== undefined) {
            await lab.storages.free(node, section.vmstate);
          }
          const parent = section.parent;
          for (const other of [config.main, ...Object.values(config.snapshots)]) {
            if (other.parent !== name) continue;
            if (parent === undefined) delete other.parent;
            else other.parent = parent;
          }
          delete config.snapshots[name];
        } finally {
          delete config.main.lock;
        }
      }),
  });
}
