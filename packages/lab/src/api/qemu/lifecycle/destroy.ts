import { errorText, failure } from '../../../http/pve-error.js';
import { defineRoute, type Route } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';
import { isCdrom, isCloudInitDrive, isDriveKey, parseDrive } from '../config/drive.js';
import { ownsVolume } from '../config/write-config.js';
import {
  checkConfigLock,
  checkProtection,
  guestOf,
  isRunning,
  isTemplate,
  requireGuest,
  withGuestLock,
} from '../guest-access.js';
import { skipsLock } from '../root-only.js';
import { workerForked } from './worker-forked.js';

/** DELETE …/{vmid}: a guest, its disks, its firewall rules, its permissions and its membership in a pool. */
export const destroyRoutes: readonly Route[] = [
  defineRoute('DELETE /nodes/{node}/qemu/{vmid}', (ctx) => {
    const { lab, node, params } = ctx;
    const skipLock = skipsLock(ctx);
    const guest = guestOf(ctx);
    const { vmid } = guest;
    const purge = params.boolean('purge') === true;
    checkProtection(guest.config, `can't remove VM ${vmid}`);
    if (!purge && lab.state.extra[`ha/vm:${vmid}`] !== undefined) {
      throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
    }
    if (isRunning(lab, vmid)) throw failure(`VM ${vmid} is running - destroy failed`);
    const unreferenced = params.boolean('destroy-unreferenced-disks') === true;
    return ctx.startTask({
      type: 'qmdestroy',
      id: vmid,
      run: async (task) => {
        await workerForked();
        await withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
          const current = requireGuest(lab, node, vmid);
          checkProtection(current.config, `can't remove VM ${vmid}`);
          if (isRunning(lab, vmid)) throw failure(`VM ${vmid} is running - destroy failed`);
          if (!skipLock) checkConfigLock(current.config);
          checkLinkedClones(lab, current);
          await destroyVolumes(lab, current, task, unreferenced);
          if (purge) {
            task.log(`purging VM ${vmid} from related configurations..`);
            delete lab.state.extra[`ha/vm:${vmid}`];
          }
          forgetGuest(lab, vmid);
        });
      },
    });
  }),
];

function checkLinkedClones(lab: Lab, guest: GuestRecord): void {
  if (!isTemplate(guest.config)) return;
  for (const [key, value] of Object.entries(guest.config.main)) {
    const drive = isDriveKey(key) ? parseDrive(key, value) : undefined;
    if (drive === undefined || isCdrom(drive) || !drive.file.includes(':')) continue;
    if (lab.storages.clonesOf(guest.node, drive.file).length > 0) {
      throw failure(`base volume '${drive.file}' is still in use by linked cloned`);
    }
  }
}

/** Every own volume that a section of the configuration names, in the order in which PVE frees them. */
function volumesOf(lab: Lab, guest: GuestRecord): string[] {
  const volids = new Set<string>();
  const sections: ConfigSection[] = [
    guest.config.main,
    guest.config.pending,
    ...Object.values(guest.config.snapshots),
  ];
  for (const section of sections) {
    for (const [key, value] of Object.entries(section)) {
      if (key !== 'vmstate' && !/^unused\d+$/.test(key) && !isDriveKey(key)) continue;
      const drive = parseDrive(key, value);
      if (drive === undefined || (isCdrom(drive) && !isCloudInitDrive(drive))) continue;
      if (ownsVolume(lab, guest.vmid, drive.file)) volids.add(drive.file);
    }
  }
  return [...volids];
}

async function destroyVolumes(
  lab: Lab,
  guest: GuestRecord,
  task: TaskRun,
  unreferenced: boolean,
): Promise<void> {
  const free = async (volid: string) => {
    try {
      if (lab.storages.volume(guest.node, volid) !== undefined) await lab.storages.free(guest.node, volid);
    } catch (error) {
      task.warn(`Could not remove disk '${volid}', check manually: ${errorText(error)}`);
    }
  };
  for (const volid of volumesOf(lab, guest)) await free(volid);
  if (!unreferenced) return;
  for (const volume of lab.storages.volumes(guest.node, { vmid: guest.vmid })) {
    if (volume.content === 'images' || volume.content === 'rootdir') await free(volume.volid);
  }
}

/** Takes a guest out of everything that names it. */
export function forgetGuest(lab: Lab, vmid: number): void {
  delete lab.state.guests[String(vmid)];
  delete lab.state.broadcast[String(vmid)];
  delete lab.state.firewall[`guest/${vmid}`];
  for (const [id, entry] of Object.entries(lab.state.acl))
    if (entry.path === `/vms/${vmid}`) delete lab.state.acl[id];
  for (const pool of Object.values(lab.state.pools)) pool.vms = pool.vms.filter((member) => member !== vmid);
}
