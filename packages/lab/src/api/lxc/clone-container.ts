import { elapse } from '../../clock/elapse.js';
import { failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { ConfigSection } from '../../state/guest-config.js';
import { createGuestConfig } from '../../state/guest-config.js';
import type { GuestRecord } from '../../state/lab-state.js';
import type { TaskRun } from '../../tasks/tasks.js';
import { macPrefix } from '../qemu/config/drawn-values.js';
import { checkVmidFree } from './check-vmid-free.js';
import { isVolumeKey, volumeKeysOf } from './config/container-keys.js';
import { storedContainerNic } from './config/container-nic.js';
import { type MountPoint, parseMountPoint, printMountPoint } from './config/mount-point.js';
import {
  checkLock,
  checkPoolExists,
  isRunning,
  isTemplate,
  requireContainer,
  vmidOf,
} from './container-access.js';
import { createVolume } from './volumes/create-volumes.js';

/** How long a small file system takes to copy, at least. */
const COPY_MS = 40;

interface Cloning {
  readonly source: GuestRecord;
  readonly newid: number;
  readonly full: boolean;
  readonly config: ConfigSection;
  readonly points: Readonly<Record<string, MountPoint>>;
  readonly storage: string | undefined;
  readonly snapshot: string | undefined;
  readonly pool: string | undefined;
  readonly target: string;
}

/**
 * POST …/clone (API2/LXC.pm, clone_vm). Unlike a machine's, it locks the source (`disk`) and reserves the new id before it answers: a second clone of
 * the same source is refused at once.
 */
export function cloneContainer(ctx: RequestContext): string {
  const { lab, params, node } = ctx;
  const vmid = vmidOf(ctx);
  const newid = params.requireInteger('newid');
  const pool = params.get('pool');
  checkPoolExists(lab, pool);
  const wantedTarget = params.get('target');
  const target = wantedTarget === undefined || wantedTarget === 'localhost' ? node : wantedTarget;
  if (lab.state.nodes[target] === undefined) throw failure(`no such cluster node '${target}'`);
  const storage = params.get('storage');
  if (storage !== undefined) lab.storages.checkEnabled(storage, target);
  const source = requireContainer(lab, node, vmid);
  checkLock(source.config);
  checkVmidFree(lab, newid);
  const plan = planClone(ctx, source, newid, target);
  source.config.main.lock = 'disk';
  lab.state.guests[String(newid)] = {
    vmid: newid,
    kind: 'lxc',
    node,
    config: createGuestConfig({ ...plan.config, lock: 'create' }),
  };
  return ctx.startTask({
    type: 'vzclone',
    id: vmid,
    undo: () => {
      delete lab.state.guests[String(newid)];
      unlockSource(lab, vmid);
    },
    run: (task) => clone(ctx, task, plan),
  });
}

function planClone(ctx: RequestContext, source: GuestRecord, newid: number, target: string): Cloning {
  const { lab, params, node, caller } = ctx;
  const snapshot = params.get('snapname');
  const storage = params.get('storage');
  const full = params.boolean('full') ?? !isTemplate(source.config);
  if (!full && storage !== undefined) throw failure("parameter 'storage' not allowed for linked clones");
  const section = snapshot === undefined ? source.config.main : source.config.snapshots[snapshot];
  if (section === undefined) throw failure(`snapshot '${snapshot}' does not exist`);
  const running = isRunning(lab, source.vmid);
  const config: ConfigSection = {};
  const points: Record<string, MountPoint> = {};
  let shared = true;
  for (const [key, value] of Object.entries(section).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (/^(unused\d+|lock|template|parent|snaptime|snapstate)$/.test(key)) continue;
    if (isVolumeKey(key)) {
      const point = parseMountPoint(value);
      if (point.type !== 'volume') throw failure(`unable to clone mountpoint '${key}' (type ${point.type})`);
      const used = storage ?? lab.storages.parse(point.volume).storage;
      if (lab.storages.entry(used).shared !== true) shared = false;
      lab.access.check(caller, `/storage/${used}`, ['Datastore.AllocateSpace']);
      checkCloneable(ctx, point.volume, { full, running, snapshot });
      points[key] = point;
    } else
      config[key] = /^net\d+$/.test(key)
        ? storedContainerNic(value, macPrefix(lab), lab.random, true)
        : value;
  }
  if (target !== node && !shared) throw failure(`can't clone CT to node '${target}' (CT uses local storage)`);
  for (const name of ['hostname', 'description']) {
    const value = params.get(name);
    if (value !== undefined) config[name] = value;
  }
  return { source, newid, full, config, points, storage, snapshot, pool: params.get('pool'), target };
}

function checkCloneable(
  ctx: RequestContext,
  volid: string,
  how: { full: boolean; running: boolean; snapshot: string | undefined },
): void {
  const { lab, node } = ctx;
  if (how.full) {
    if (!how.running || how.snapshot !== undefined) return;
    throw failure(
      lab.release === '8.4'
        ? 'Cannot do full clones on a running container without snapshots'
        : 'Full clone of a running container is only possible from a snapshot',
    );
  }
  const options = { running: how.running, ...(how.snapshot !== undefined && { snapshot: how.snapshot }) };
  // Containers cannot live on qcow2, the only format in which a directory storage clones by reference.
  const format = lab.storages.parse(volid).format;
  const possible =
    (format === 'raw' || format === 'subvol') &&
    lab.storages.entry(lab.storages.parse(volid).storage).path === undefined;
  if (!possible || !lab.storages.has(node, volid, 'clone', options))
    throw failure(`Linked clone feature for '${volid}' is not available`);
}

async function clone(ctx: RequestContext, task: TaskRun, plan: Cloning): Promise<void> {
  const { lab, node } = ctx;
  const { source, newid } = plan;
  const made: string[] = [];
  try {
    if (lab.release !== '8.4') task.log(`creating a clone of container ${source.vmid} with ID ${newid}`);
    const main: ConfigSection = { ...plan.config };
    for (const key of volumeKeysOf(Object.fromEntries(Object.keys(plan.points).map((name) => [name, ''])))) {
      const point = plan.points[key];
      if (point === undefined) continue;
      const volume = plan.full
        ? await copyVolume(ctx, task, plan, key, point)
        : await linkVolume(ctx, task, plan, key, point);
      made.push(volume);
      main[key] = printMountPoint({ ...point, volume });
    }
    lab.state.guests[String(newid)] = {
      vmid: newid,
      kind: 'lxc',
      node: plan.target,
      config: createGuestConfig(main),
    };
    if (plan.pool !== undefined) lab.state.pools[plan.pool]?.vms.push(newid);
  } catch (error) {
    for (const volid of made) await lab.storages.free(node, volid);
    delete lab.state.guests[String(newid)];
    throw error;
  } finally {
    unlockSource(lab, source.vmid);
  }
}

function unlockSource(lab: Lab, vmid: number): void {
  const guest = lab.state.guests[String(vmid)];
  if (guest?.config.main.lock === 'disk') delete guest.config.main.lock;
}

async function copyVolume(
  ctx: RequestContext,
  task: TaskRun,
  plan: Cloning,
  key: string,
  point: MountPoint,
): Promise<string> {
  const { lab, node } = ctx;
  task.log(`create full clone of mountpoint ${key} (${point.volume})`);
  const sizeBytes =
    lab.storages.parse(point.volume).format === 'subvol'
      ? 0
      : (lab.storages.volume(node, point.volume)?.sizeBytes ?? 0);
  const storage = plan.storage ?? lab.storages.parse(point.volume).storage;
  const owner = { lab, node, vmid: plan.newid, log: (line: string) => task.log(line) };
  const volume = await createVolume(owner, storage, sizeBytes);
  // The copy takes its time: meanwhile the source stays locked.
  await elapse(lab.clock, COPY_MS);
  await lab.containers.copyContents(
    lab.storages.file(node, point.volume),
    lab.storages.file(node, volume),
    plan.snapshot,
  );
  return volume;
}

async function linkVolume(
  ctx: RequestContext,
  task: TaskRun,
  plan: Cloning,
  key: string,
  point: MountPoint,
): Promise<string> {
  task.log(`create linked clone of mount point ${key} (${point.volume})`);
  const { lab, node } = ctx;
  const volume = await lab.storages.cloneLinked(node, point.volume, plan.newid, plan.snapshot);
  await lab.containers.copyContents(
    lab.storages.file(node, point.volume),
    lab.storages.file(node, volume),
    plan.snapshot,
  );
  return volume;
}
