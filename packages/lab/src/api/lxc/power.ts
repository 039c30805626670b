import { badParameter, failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { GuestRecord } from '../../state/lab-state.js';
import type { TaskRun } from '../../tasks/tasks.js';
import { applyPendingChanges, checkBridgeExists } from './config/apply-changes.js';
import {
  checkLock,
  isRunning,
  isTemplate,
  requireContainer,
  vmidOf,
  withContainerLock,
} from './container-access.js';
import { definitionOf } from './definition.js';

const defaultShutdownSeconds = 60;

/** Starts a container in a `vzstart` task, and yields its UPID. */
export function startContainer(ctx: RequestContext, vmid: number): string {
  const { lab, node } = ctx;
  return ctx.startTask({
    type: 'vzstart',
    id: vmid,
    run: (task) =>
      locked(
        ctx,
        task,
        vmid,
        async (guest) => {
          await bringUp(lab, guest);
          if (lab.release !== '8.4' && lab.state.nodes[node]?.lacks?.includes('container-monitor') === true)
            task.log('problem with monitor socket, but continuing anyway: got timeout');
        },
        node,
      ),
  });
}

/** POST …/status/start. @throws PveError 500 at once when it runs already. */
export function start(ctx: RequestContext): string {
  checkSkipLock(ctx);
  const vmid = vmidOf(ctx);
  if (isRunning(ctx.lab, vmid)) throw failure(`CT ${vmid} already running`);
  return startContainer(ctx, vmid);
}

/** POST …/status/stop: pulls the plug. */
export function stop(ctx: RequestContext): string {
  checkSkipLock(ctx);
  const vmid = requireRunning(ctx);
  return ctx.startTask({
    type: 'vzstop',
    id: vmid,
    run: (task) => locked(ctx, task, vmid, () => ctx.lab.containers.stop(vmid)),
  });
}

/** POST …/status/shutdown: asks init to power off; `forceStop` kills it after the time-out. */
export function shutdown(ctx: RequestContext): string {
  const vmid = requireRunning(ctx);
  const timeoutMs = (ctx.params.integer('timeout') ?? defaultShutdownSeconds) * 1000;
  const force = ctx.params.boolean('forceStop') === true;
  return ctx.startTask({
    type: 'vzshutdown',
    id: vmid,
    run: (task) => locked(ctx, task, vmid, () => bringDown(ctx.lab, vmid, timeoutMs, force, task)),
  });
}

/** POST …/status/reboot: one task, which ends when the container runs again. Pending changes are applied between. */
export function reboot(ctx: RequestContext): string {
  const vmid = vmidOf(ctx);
  if (!isRunning(ctx.lab, vmid)) throw failure(`VM ${vmid} not running`);
  const timeoutMs = (ctx.params.integer('timeout') ?? defaultShutdownSeconds) * 1000;
  return ctx.startTask({
    type: 'vzreboot',
    id: vmid,
    run: (task) =>
      locked(ctx, task, vmid, async (guest) => {
        await bringDown(ctx.lab, vmid, timeoutMs, false, task);
        await bringUp(ctx.lab, guest);
      }),
  });
}

/** POST …/status/suspend: checkpointing, which LXC's tool cannot do for containers as PVE runs them. */
export function suspend(ctx: RequestContext): string {
  const vmid = requireRunning(ctx);
  return checkpointTask(ctx, vmid, 'vzsuspend', `-n ${vmid} -s -D /var/lib/vz/dump`);
}

/** POST …/status/resume. @throws PveError 500 when it runs. */
export function resume(ctx: RequestContext): string {
  const vmid = vmidOf(ctx);
  if (isRunning(ctx.lab, vmid)) throw failure(`CT ${vmid} already running`);
  return checkpointTask(ctx, vmid, 'vzresume', `-n ${vmid} -r --foreground -D /var/lib/vz/dump`);
}

function checkpointTask(ctx: RequestContext, vmid: number, type: string, args: string): string {
  return ctx.startTask({
    type,
    id: vmid,
    run: (task) =>
      locked(ctx, task, vmid, async () => {
        throw new Error(`command 'lxc-checkpoint ${args}' failed: exit code 1`);
      }),
  });
}

/** Starts a container within a task that holds its lock. */
export async function bringUp(lab: Lab, guest: GuestRecord): Promise<void> {
  if (isTemplate(guest.config)) throw new Error("you can't start a CT if it's a template");
  await applyPendingChanges(lab, guest);
  for (const [key, value] of Object.entries(guest.config.main))
    checkBridgeExists(lab, guest.node, key, value);
  await lab.containers.start(definitionOf(lab, guest));
}

async function bringDown(
  lab: Lab,
  vmid: number,
  timeoutMs: number,
  force: boolean,
  task: TaskRun,
): Promise<void> {
  if (await lab.containers.shutdown(vmid, timeoutMs, task.signal)) return;
  if (!force) throw new Error('container did not stop');
  await lab.containers.stop(vmid);
}

async function locked(
  ctx: RequestContext,
  task: TaskRun,
  vmid: number,
  action: (guest: GuestRecord) => Promise<void>,
  node = ctx.node,
): Promise<void> {
  await withContainerLock(
    ctx.lab,
    node,
    vmid,
    { log: (line) => task.log(line), signal: task.signal },
    async () => {
      const guest = requireContainer(ctx.lab, node, vmid);
      if (ctx.params.boolean('skiplock') !== true) checkLock(guest.config);
      await action(guest);
    },
  );
}

function requireRunning(ctx: RequestContext): number {
  const vmid = vmidOf(ctx);
  if (!isRunning(ctx.lab, vmid)) throw failure(`CT ${vmid} not running`);
  return vmid;
}

function checkSkipLock(ctx: RequestContext): void {
  if (ctx.params.boolean('skiplock') === true && !ctx.caller.isRoot)
    throw badParameter('skiplock', 'Only root may use this option.');
}
