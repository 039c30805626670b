import { elapse } from '../../clock/elapse.js';
import { failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import { volumeKeysOf } from './config/container-keys.js';
import { parseMountPoint, printMountPoint } from './config/mount-point.js';
import {
  checkLock,
  containerOf,
  isRunning,
  isTemplate,
  requireContainer,
  vmidOf,
  withContainerLock,
} from './container-access.js';

/** The conversion goes on after the answer. */
const CONVERSION_MS = 25;

/**
 * POST …/template: checks, starts the conversion as a task, and answers null instead of its UPID (API2/LXC.pm, template): the configuration still
 * shows the old volumes for a moment.
 */
export async function convertToTemplate(ctx: RequestContext): Promise<undefined> {
  const { lab, node } = ctx;
  const vmid = vmidOf(ctx);
  await withContainerLock(lab, node, vmid, { signal: ctx.signal }, async () => {
    const { config } = containerOf(ctx);
    checkLock(config);
    if (isTemplate(config)) throw failure("you can't convert a template to a template");
    if (isRunning(lab, vmid)) throw failure("you can't convert a CT to template if the CT is running");
    if (Object.keys(config.snapshots).length > 0)
      throw failure('unable to create template, because CT contains snapshots');
  });
  ctx.startTask({
    type: 'vztemplate',
    id: vmid,
    run: (task) =>
      withContainerLock(lab, node, vmid, { signal: task.signal }, async () => {
        await elapse(lab.clock, CONVERSION_MS);
        const { config } = requireContainer(lab, node, vmid);
        for (const key of volumeKeysOf(config.main)) {
          const point = parseMountPoint(config.main[key] ?? '');
          if (point.type !== 'volume') continue;
          const volume = await lab.storages.createBase(node, point.volume);
          config.main[key] = printMountPoint({ ...point, volume });
        }
        config.main.template = '1';
      }),
  });
  return undefined;
}
