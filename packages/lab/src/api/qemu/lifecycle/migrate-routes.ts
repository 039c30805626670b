import { badParameter, failure } from '../../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import type { JsonObject } from '../../../state/json.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { isCdrom, isCloudInitDrive } from '../config/drive.js';
import { drivesOf } from '../disks/volume-access.js';
import { checkConfigLock, guestOf, isRunning, requireGuest, vmidOf, withGuestLock } from '../guest-access.js';
import { checkRootOnly } from '../root-only.js';

const base = '/nodes/{node}/qemu/{vmid}/migrate';

/** Moving a guest to another node: possible when all its volumes are on shared storage (copying local disks is not emulated). */
export const migrateRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, (ctx) => {
    const { lab, node } = ctx;
    const guest = guestOf(ctx);
    const local = localVolumes(lab, guest);
    const others = Object.keys(lab.state.nodes).filter(
      (name) => name !== node && lab.state.nodes[name]?.online === true,
    );
    const answer: JsonObject = {
      running: isRunning(lab, guest.vmid) ? 1 : 0,
      allowed_nodes: others,
      not_allowed_nodes: {},
      local_disks: local.map(({ volid, cdrom, key }) => ({
        volid,
        cdrom: cdrom ? 1 : 0,
        size: lab.storages.volume(node, volid)?.sizeBytes ?? 0,
        drivename: key,
      })),
      local_resources: [],
      'mapped-resources': [],
      'mapped-resource-info': {},
    };
    if (lab.release === '9.2') answer['has-dbus-vmstate'] = 1;
    return answer;
  }),
  defineRoute(`POST ${base}`, (ctx) => migrate(ctx)),
];

function localVolumes(lab: Lab, guest: GuestRecord): { key: string; volid: string; cdrom: boolean }[] {
  return drivesOf(guest.config.main).flatMap((drive) => {
    const storage = drive.file.includes(':') ? drive.file.split(':')[0] : undefined;
    if (storage === undefined || lab.state.storages[storage]?.shared === true) return [];
    return [{ key: drive.key, volid: drive.file, cdrom: isCdrom(drive) && !isCloudInitDrive(drive) }];
  });
}

function migrate(ctx: RequestContext): string {
  const { lab, node, params } = ctx;
  const vmid = vmidOf(ctx);
  const target = params.require('target');
  if (target === node || target === 'localhost') throw badParameter('target', 'target is local node.');
  if (lab.state.nodes[target] === undefined) throw failure(`no such cluster node '${target}'`);
  checkRootOnly(ctx, 'force', 'migration_type', 'migration_network');
  const guest = requireGuest(lab, node, vmid);
  checkConfigLock(guest.config);
  const running = isRunning(lab, vmid);
  if (running && params.boolean('online') !== true)
    throw badParameter('online', "can't migrate running VM without --online");
  return ctx.startTask({
    type: 'qmigrate',
    id: vmid,
    run: (task) =>
      withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
        const record = requireGuest(lab, node, vmid);
        task.log(`starting migration of VM ${vmid} to node '${target}'`);
        for (const { volid, cdrom } of localVolumes(lab, record)) {
          task.log(
            `can't migrate local disk '${volid}': ${cdrom ? 'local cdrom image' : 'local disk migration is not emulated'}`,
          );
        }
        if (localVolumes(lab, record).length > 0)
          throw failure("Problem found while scanning volumes - can't migrate VM - check log");
        if (running) throw failure('online migrate failure - live migration is not emulated');
        record.node = target;
        task.log('migration finished successfully');
      }),
  });
}
