import { badParameter, failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import { volumeKeysOf } from './config/container-keys.js';
import { parseMountPoint } from './config/mount-point.js';
import { checkLock, containerOf, isRunning, requireContainer, vmidOf } from './container-access.js';

/** POST …/migrate to another node: of stopped containers (`restart` for running ones) whose volumes are shared. */
export function migrateContainer(ctx: RequestContext): string {
  const { lab, params, node } = ctx;
  const vmid = vmidOf(ctx);
  const target = params.require('target');
  if (target === node) throw badParameter('target', 'target is local node.');
  if (lab.state.nodes[target] === undefined) throw failure(`no such cluster node '${target}'`);
  const { config } = containerOf(ctx);
  checkLock(config);
  const running = isRunning(lab, vmid);
  if (running && params.boolean('restart') !== true && params.boolean('online') !== true) {
    throw failure("can't migrate running container without --online or --restart");
  }
  return ctx.startTask({
    type: 'vzmigrate',
    id: vmid,
    run: async (task) => {
      const guest = requireContainer(lab, node, vmid);
      for (const key of volumeKeysOf(guest.config.main)) {
        const { volume } = parseMountPoint(guest.config.main[key] ?? '');
        if (lab.storages.entry(lab.storages.parse(volume).storage).shared !== true) {
          throw new Error(
            `migration aborted: can't migrate local volume '${volume}': the lab moves no local volumes`,
          );
        }
      }
      task.log(`starting migration of CT ${vmid} to node '${target}'`);
      await lab.containers.stop(vmid);
      guest.node = target;
      task.log('migration finished successfully');
    },
  });
}
