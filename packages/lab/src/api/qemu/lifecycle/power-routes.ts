import { failure } from '../../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import { checkConfigLock, guestOf, isRunning, requireGuest, vmidOf, withGuestLock } from '../guest-access.js';
import { checkRootOnly, skipsLock } from '../root-only.js';
import { runHook } from './hook-script.js';
import { startGuest } from './start.js';
import { endProcess, stopGuest } from './stop.js';
import { suspendToDisk } from './suspend.js';

const base = '/nodes/{node}/qemu/{vmid}/status';

/** Guests whose end is a reboot that was asked for over the API: qmeventd starts them again. */
const rebootMark = (vmid: number) => `qemu/reboot/${vmid}`;

/** POST …/status/*. Most refusals come in the task; a guest that is not running is refused at once where PVE does so. */
export const powerRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, (ctx) => {
    guestOf(ctx);
    return ['current', 'start', 'stop', 'reset', 'shutdown', 'suspend', 'reboot'].map((subdir) => ({
      subdir,
    }));
  }),
  defineRoute(`POST ${base}/start`, (ctx) => {
    checkRootOnly(
      ctx,
      'stateuri',
      'skiplock',
      'migratedfrom',
      'migration_type',
      'migration_network',
      'targetstorage',
      'force-cpu',
    );
    const skipLock = skipsLock(ctx);
    return powerTask(ctx, 'qmstart', (lab, node, vmid, task) =>
      startGuest(lab, node, vmid, task, { skipLock }),
    );
  }),
  defineRoute(`POST ${base}/stop`, (ctx) => {
    checkRootOnly(ctx, 'skiplock', 'keepActive', 'migratedfrom');
    const options = {
      skipLock: skipsLock(ctx),
      shutdown: false,
      force: true,
      timeoutSeconds: ctx.params.integer('timeout'),
    };
    const overrule = ctx.params.boolean('overrule-shutdown') === true;
    return powerTask(ctx, 'qmstop', async (lab, node, vmid, task) => {
      if (overrule) await overruleShutdowns(ctx, vmid, task.log);
      await stopGuest(lab, node, vmid, task, options);
    });
  }),
  defineRoute(`POST ${base}/shutdown`, (ctx) => {
    checkRootOnly(ctx, 'skiplock', 'keepActive');
    const force = ctx.params.boolean('forceStop') === true;
    const paused = ctx.lab.runtime.process(vmidOf(ctx))?.qmpStatus === 'paused';
    if (paused && !force) throw failure('VM is paused - cannot shutdown');
    const options = {
      skipLock: skipsLock(ctx),
      shutdown: !paused,
      force,
      timeoutSeconds: ctx.params.integer('timeout'),
    };
    return powerTask(ctx, 'qmshutdown', (lab, node, vmid, task) => stopGuest(lab, node, vmid, task, options));
  }),
  defineRoute(`POST ${base}/reboot`, (ctx) => {
    const vmid = vmidOf(ctx);
    if (ctx.lab.runtime.process(vmid)?.qmpStatus === 'paused')
      throw failure('VM is paused - cannot shutdown');
    requireRunning(ctx);
    const timeoutSeconds = ctx.params.integer('timeout');
    return powerTask(ctx, 'qmreboot', (lab, node, id, task) =>
      withGuestLock(lab, node, id, { log: task.log, signal: task.signal }, async () => {
        const guest = requireGuest(lab, node, id);
        if (!isRunning(lab, id)) return;
        lab.state.extra[rebootMark(id)] = true;
        try {
          await endProcess(lab, guest, task, {
            skipLock: true,
            shutdown: true,
            force: false,
            timeoutSeconds,
          });
        } catch (error) {
          delete lab.state.extra[rebootMark(id)];
          throw error;
        }
      }),
    );
  }),
  defineRoute(`POST ${base}/reset`, (ctx) => {
    const skipLock = skipsLock(ctx);
    requireRunning(ctx);
    return lockedTask(ctx, 'qmreset', skipLock, (lab, vmid) => lab.runtime.reset(vmid));
  }),
  defineRoute(`POST ${base}/suspend`, (ctx) => {
    const skipLock = skipsLock(ctx);
    const toDisk = ctx.params.boolean('todisk') === true;
    if (toDisk) ctx.lab.access.checkGuest(ctx.caller, vmidOf(ctx), undefined, ['VM.Config.Disk']);
    requireRunning(ctx);
    if (toDisk) return suspendToDisk(ctx, skipLock);
    return lockedTask(ctx, 'qmpause', skipLock, (lab, vmid) => lab.runtime.pause(vmid));
  }),
  defineRoute(`POST ${base}/resume`, (ctx) => {
    const skipLock = skipsLock(ctx);
    checkRootOnly(ctx, 'nocheck');
    requireRunning(ctx);
    return lockedTask(ctx, 'qmresume', skipLock, (lab, vmid) => lab.runtime.resume(vmid));
  }),
];

type PowerWork = (
  lab: Lab,
  node: string,
  vmid: number,
  task: Parameters<typeof startGuest>[3],
) => Promise<void>;

function powerTask(ctx: RequestContext, type: string, work: PowerWork): string {
  const { lab, node } = ctx;
  const vmid = vmidOf(ctx);
  return ctx.startTask({ type, id: vmid, run: (task) => work(lab, node, vmid, task) });
}

function lockedTask(
  ctx: RequestContext,
  type: string,
  skipLock: boolean,
  work: (lab: Lab, vmid: number) => Promise<void>,
): string {
  return powerTask(ctx, type, (lab, node, vmid, task) =>
    withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
      const { config } = requireGuest(lab, node, vmid);
      if (!skipLock) checkConfigLock(config);
      if (!isRunning(lab, vmid)) throw failure(`VM ${vmid} not running`);
      await work(lab, vmid);
    }),
  );
}

function requireRunning(ctx: RequestContext): void {
  const vmid = vmidOf(ctx);
  if (!isRunning(ctx.lab, vmid)) {
    guestOf(ctx);
    throw failure(`VM ${vmid} not running`);
  }
}

/** Kills the guest's running shutdown tasks: own ones, or all with Sys.Modify. */
async function overruleShutdowns(
  ctx: RequestContext,
  vmid: number,
  log: (line: string) => void,
): Promise<void> {
  const { lab, caller, node } = ctx;
  for (const task of Object.values(lab.state.tasks)) {
    const concerns =
      task.type === 'qmshutdown' &&
      task.id === String(vmid) &&
      task.node === node &&
      lab.tasks.isRunning(task.upid);
    if (!concerns) continue;
    if (task.user !== caller.authid && !lab.access.has(caller, `/nodes/${node}`, ['Sys.Modify'])) continue;
    await lab.tasks.cancel(task.upid);
    log(`overruled ${task.type} task with UPID ${task.upid}`);
  }
}

/** What qmeventd does when a guest's process ends: a guest that was to reboot is started again, in a task of its own by root@pam. */
export function watchGuestExits(lab: Lab): void {
  lab.runtime.onExit(({ vmid }) => {
    const guest = lab.state.guests[String(vmid)];
    // qmeventd's cleanup runs after the task; what the hook prints is nobody's.
    if (guest?.kind === 'qemu' && lab.release === '8.4')
      void runHook(lab, guest, 'post-stop', { log: () => {} }).catch(() => {});
    if (guest?.kind !== 'qemu' || lab.state.extra[rebootMark(vmid)] === undefined) return;
    delete lab.state.extra[rebootMark(vmid)];
    lab.clock.schedule(1000, () => {
      if (isRunning(lab, vmid) || lab.state.guests[String(vmid)] !== guest) return;
      lab.tasks.start({
        type: 'qmstart',
        id: String(vmid),
        node: guest.node,
        user: 'root@pam',
        run: (task) => startGuest(lab, guest.node, vmid, task),
      });
    });
  });
}
