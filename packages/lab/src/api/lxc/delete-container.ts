import { failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { volumeKeysOf } from './config/container-keys.js';
import { parseMountPoint } from './config/mount-point.js';
import {
  checkLock,
  checkProtection,
  containerOf,
  isRunning,
  requireContainer,
  vmidOf,
} from './container-access.js';

/** DELETE …/lxc/{vmid} (API2/LXC.pm, destroy_vm): frees the volumes, then forgets the container; `force` stops a running one first. */
export function deleteContainer(ctx: RequestContext): string {
  const { lab, params, node } = ctx;
  const vmid = vmidOf(ctx);
  const force = params.boolean('force') === true;
  check(ctx, containerOf(ctx), force);
  return ctx.startTask({
    type: 'vzdestroy',
    id: vmid,
    run: async (task) => {
      const guest = requireContainer(lab, node, vmid);
      check(ctx, guest, force);
      if (isRunning(lab, vmid)) {
        task.log(`forced to stop CT ${vmid} before destroying!`);
        await lab.containers.stop(vmid);
      }
      const volumes = volumesOf(guest);
      guest.config = { ...guest.config, main: { lock: 'destroyed' }, pending: {}, snapshots: {} };
      for (const volid of volumes) await lab.storages.free(node, volid);
      if (params.boolean('destroy-unreferenced-disks') === true) await freeLeftovers(ctx, vmid);
      delete lab.state.guests[String(vmid)];
      delete lab.state.firewall[`guest/${vmid}`];
      for (const pool of Object.values(lab.state.pools))
        pool.vms = pool.vms.filter((member) => member !== vmid);
      for (const [key, entry] of Object.entries(lab.state.acl))
        if (entry.path === `/vms/${vmid}`) delete lab.state.acl[key];
      if (params.boolean('purge') === true) task.log(`purging CT ${vmid} from related configurations..`);
    },
  });
}

function check({ lab }: RequestContext, guest: GuestRecord, force: boolean): void {
  checkProtection(guest.config, `can't remove CT ${guest.vmid}`);
  checkLock(guest.config);
  if (!force && isRunning(lab, guest.vmid))
    throw failure(`unable to destroy CT ${guest.vmid} - container is running`);
}

/** The container's own volumes, those of its snapshots and unused ones included. */
function volumesOf(guest: GuestRecord): Set<string> {
  const volumes = new Set<string>();
  for (const section of [guest.config.main, guest.config.pending, ...Object.values(guest.config.snapshots)]) {
    const keys = [...volumeKeysOf(section), ...Object.keys(section).filter((key) => /^unused\d+$/.test(key))];
    for (const key of keys) {
      const { volume, type } = parseMountPoint(section[key] ?? '');
      if (type === 'volume' && new RegExp(`[:/]${guest.vmid}/|-${guest.vmid}-disk-`).test(volume))
        volumes.add(volume);
    }
  }
  return volumes;
}

async function freeLeftovers({ lab, node }: RequestContext, vmid: number): Promise<void> {
  for (const volume of lab.storages.volumes(node, { vmid })) {
    if (volume.content === 'images' || volume.content === 'rootdir')
      await lab.storages.free(node, volume.volid);
  }
}
