import { failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import { type ConfigSection, guestConfigDigest } from '../../state/guest-config.js';
import type { JsonObject, JsonValue } from '../../state/json.js';
import type { GuestRecord } from '../../state/lab-state.js';
import type { TaskRun } from '../../tasks/tasks.js';
import { containerSectionView } from './config/config-view.js';
import { volumeKeysOf } from './config/container-keys.js';
import { parseMountPoint } from './config/mount-point.js';
import {
  checkLock,
  containerOf,
  isRunning,
  isTemplate,
  requireContainer,
  vmidOf,
  withContainerLock,
} from './container-access.js';
import { bringUp } from './power.js';

const reservedNames = new Set(['current', 'vzdump']);
/** Keys that belong to the container and not to a state of it. */
const notInSnapshots = /^(lock|parent|unused\d+|template)$/;

/** GET …/snapshot: the snapshots and the pseudo entry `current`. */
export function listSnapshots(ctx: RequestContext): JsonValue {
  const guest = containerOf(ctx);
  const rows: JsonObject[] = Object.entries(guest.config.snapshots).map(([name, section]) => ({
    name,
    snaptime: Number(section.snaptime ?? 0),
    description: section.description ?? '',
    ...(section.parent !== undefined && { parent: section.parent }),
    ...(section.snapstate !== undefined && { snapstate: section.snapstate }),
  }));
  rows.push({
    name: 'current',
    description: 'You are here!',
    digest: guestConfigDigest(guest.config),
    running: isRunning(ctx.lab, guest.vmid) ? 1 : 0,
    ...(guest.config.main.parent !== undefined && { parent: guest.config.main.parent }),
  });
  return rows;
}

/** GET …/snapshot/{snapname}: what there is below it. */
export function snapshotIndex(): JsonValue {
  return [{ cmd: 'rollback' }, { cmd: 'config' }];
}

/** GET …/snapshot/{snapname}/config. */
export function snapshotConfig(ctx: RequestContext): JsonValue {
  const { config } = containerOf(ctx);
  return containerSectionView(requireSnapshot(config.snapshots, ctx.params.require('snapname')), config);
}

/** PUT …/snapshot/{snapname}/config: its description. */
export function updateSnapshot(ctx: RequestContext): undefined {
  const { config } = containerOf(ctx);
  checkLock(config);
  const section = requireSnapshot(config.snapshots, ctx.params.require('snapname'));
  const description = ctx.params.get('description');
  if (description !== undefined) section.description = description;
  return undefined;
}

/** POST …/snapshot. @throws PveError 500 for reserved names; everything else fails in the task. */
export function createSnapshot(ctx: RequestContext): string {
  const name = ctx.params.require('snapname');
  if (reservedNames.has(name)) throw failure(`unable to use snapshot name '${name}' (reserved name)`);
  return snapshotTask(ctx, 'vzsnapshot', async (guest) => {
    checkLock(guest.config);
    if (isTemplate(guest.config)) throw new Error("you can't take a snapshot if it's a template");
    if (guest.config.snapshots[name] !== undefined) throw new Error(`snapshot name '${name}' already used`);
    const volumes = ownVolumes(guest.config.main);
    if (!volumes.every((volid) => ctx.lab.storages.has(guest.node, volid, 'snapshot')))
      throw new Error('snapshot feature is not available');
    for (const volid of volumes) await ctx.lab.storages.snapshot(guest.node, volid, name);
    const section: ConfigSection = {};
    for (const [key, value] of Object.entries(guest.config.main))
      if (!notInSnapshots.test(key)) section[key] = value;
    if (guest.config.main.parent !== undefined) section.parent = guest.config.main.parent;
    section.snaptime = String(Math.floor(ctx.lab.clock.now() / 1000));
    section.description = ctx.params.get('description') ?? '';
    guest.config.snapshots[name] = section;
    guest.config.main.parent = name;
  });
}

/** DELETE …/snapshot/{snapname}. */
export function deleteSnapshot(ctx: RequestContext): string {
  const name = ctx.params.require('snapname');
  return snapshotTask(ctx, 'vzdelsnapshot', async (guest) => {
    const section = requireSnapshot(guest.config.snapshots, name);
    checkLock(guest.config);
    for (const volid of ownVolumes(section)) await ctx.lab.storages.deleteSnapshot(guest.node, volid, name);
    delete guest.config.snapshots[name];
    for (const other of [guest.config.main, ...Object.values(guest.config.snapshots)]) {
      if (other.parent !== name) continue;
      if (section.parent === undefined) delete other.parent;
      else other.parent = section.parent;
    }
  });
}

/** POST …/snapshot/{snapname}/rollback: the container is stopped, and started again only when `start` says so. */
export function rollbackSnapshot(ctx: RequestContext): string {
  const name = ctx.params.require('snapname');
  return snapshotTask(ctx, 'vzrollback', async (guest) => {
    const section = requireSnapshot(guest.config.snapshots, name);
    checkLock(guest.config);
    if (isTemplate(guest.config)) throw new Error("you can't rollback if vm is a template");
    await ctx.lab.containers.stop(guest.vmid);
    for (const volid of ownVolumes(section)) await ctx.lab.storages.rollback(guest.node, volid, name);
    const kept = Object.entries(guest.config.main).filter(
      ([key]) => key === 'description' || /^unused\d+$/.test(key),
    );
    const { snaptime: _, parent: __, ...restored } = section;
    guest.config.main = { ...restored, ...Object.fromEntries(kept), parent: name };
    guest.config.pending = {};
    if (ctx.params.boolean('start') === true) await bringUp(ctx.lab, guest);
  });
}

function snapshotTask(
  ctx: RequestContext,
  type: string,
  action: (guest: GuestRecord) => Promise<void>,
): string {
  const vmid = vmidOf(ctx);
  return ctx.startTask({
    type,
    id: vmid,
    run: (task: TaskRun) =>
      withContainerLock(ctx.lab, ctx.node, vmid, { log: (line) => task.log(line), signal: task.signal }, () =>
        action(requireContainer(ctx.lab, ctx.node, vmid)),
      ),
  });
}

/** @throws PveError 500 `snapshot 'x' does not exist`. */
export function requireSnapshot(
  snapshots: Readonly<Record<string, ConfigSection>>,
  name: string,
): ConfigSection {
  const section = snapshots[name];
  if (section === undefined) throw failure(`snapshot '${name}' does not exist`);
  return section;
}

function ownVolumes(section: ConfigSection): string[] {
  return volumeKeysOf(section)
    .map((key) => parseMountPoint(section[key] ?? ''))
    .filter((point) => point.type === 'volume')
    .map((point) => point.volume);
}
