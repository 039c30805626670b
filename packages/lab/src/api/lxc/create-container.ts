import { splitList } from '../../http/params.js';
import { errorText, failure, forbidden } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import { type ConfigSection, createGuestConfig } from '../../state/guest-config.js';
import type { TaskRun } from '../../tasks/tasks.js';
import { checkPublicKeys, uniqueTags } from '../qemu/config/check-keys.js';
import { macPrefix } from '../qemu/config/drawn-values.js';
import { checkVolumeAccess, isVolid } from '../qemu/disks/volume-access.js';
import { checkVmidFree } from './check-vmid-free.js';
import { checkContainerKeys } from './config/check-keys.js';
import { isVolumeKey, volumeKeysOf } from './config/container-keys.js';
import { storedContainerNic } from './config/container-nic.js';
import { parseMountPoint, parseVolumeAllocation } from './config/mount-point.js';
import { checkPoolExists } from './container-access.js';
import { fillRootFileSystem } from './fill-root-file-system.js';
import { startContainer } from './power.js';
import { checkContainerStorage, createVolumes } from './volumes/create-volumes.js';

/** Parameters that are not keys of the configuration. */
const notKeys = new Set([
  'node',
  'vmid',
  'ostemplate',
  'storage',
  'pool',
  'start',
  'restore',
  'force',
  'unique',
  'password',
  'ssh-public-keys',
  'bwlimit',
  'ignore-unpack-errors',
  'unprivileged',
  'ha-managed',
]);

/** POST /nodes/{node}/lxc (API2/LXC.pm, create_vm): everything is checked, the id reserved by `lock: create`, and the work left to a `vzcreate` task. */
export function createContainer(ctx: RequestContext): string {
  const { lab, params, node, caller } = ctx;
  const vmid = params.requireInteger('vmid');
  if (params.boolean('restore') === true)
    throw failure(`unable to restore CT ${vmid} - the lab keeps no backups`);
  checkVmidFree(lab, vmid);
  checkPublicKeys(params.get('ssh-public-keys'));
  const pool = params.get('pool');
  checkPoolExists(lab, pool);
  if (!lab.access.hasGuest(caller, vmid, pool, ['VM.Allocate'])) throw forbidden();
  const unprivileged = params.boolean('unprivileged') ?? lab.release !== '8.4';
  if (!unprivileged && lab.release !== '8.4') lab.access.check(caller, '/', ['Sys.Modify']);
  const values = keysOf(ctx);
  checkContainerKeys({ lab, caller, vmid, pool, unprivileged }, values);
  const template = params.require('ostemplate');
  checkTemplateVolume(ctx, vmid, template);
  const storage = params.get('storage') ?? 'local';
  const volumes = volumesOf(values, storage);
  for (const used of storagesOf(volumes)) {
    checkContainerStorage(lab, node, used);
    lab.access.check(caller, `/storage/${used}`, ['Datastore.AllocateSpace']);
  }
  const config = createGuestConfig({ lock: 'create' });
  lab.state.guests[String(vmid)] = { vmid, kind: 'lxc', node, config };
  return ctx.startTask({
    type: 'vzcreate',
    id: vmid,
    undo: () => {
      delete lab.state.guests[String(vmid)];
    },
    run: (task) => create(ctx, task, { vmid, template, volumes, values, unprivileged, pool }),
  });
}

interface Creation {
  readonly vmid: number;
  readonly template: string;
  readonly volumes: ConfigSection;
  readonly values: ConfigSection;
  readonly unprivileged: boolean;
  readonly pool: string | undefined;
}

async function create(ctx: RequestContext, task: TaskRun, wanted: Creation): Promise<void> {
  const { lab, node, params } = ctx;
  const { vmid } = wanted;
  const made: string[] = [];
  try {
    const stored = await createVolumes({ lab, node, vmid, log: (line) => task.log(line) }, wanted.volumes);
    for (const key of Object.keys(stored)) {
      const { volume } = parseMountPoint(stored[key] ?? '');
      if (parseMountPoint(wanted.volumes[key] ?? '').volume !== volume) made.push(volume);
    }
    const hostname = wanted.values.hostname;
    const system = await fillRootFileSystem({
      lab,
      node,
      template: wanted.template,
      rootfs: lab.storages.file(node, parseMountPoint(stored.rootfs ?? '').volume),
      unprivileged: wanted.unprivileged,
      hostname,
      timezone: wanted.values.timezone,
      ostype: wanted.values.ostype,
      arch: wanted.values.arch,
      password: params.get('password'),
      sshKeys: params.get('ssh-public-keys'),
      log: (line) => task.log(line),
    });
    const main: ConfigSection = {
      memory: '512',
      swap: '512',
      hostname: `CT${vmid}`,
      ...storedKeys(ctx, wanted.values),
      ...stored,
      ...system,
    };
    if (wanted.unprivileged) main.unprivileged = '1';
    lab.state.guests[String(vmid)] = { vmid, kind: 'lxc', node, config: createGuestConfig(main) };
    if (wanted.pool !== undefined) lab.state.pools[wanted.pool]?.vms.push(vmid);
  } catch (error) {
    for (const volid of made) await lab.storages.free(node, volid);
    delete lab.state.guests[String(vmid)];
    throw new Error(`unable to create CT ${vmid} - ${errorText(error)}`);
  }
  // The start is a task of its own, and what becomes of it does not matter to this one.
  if (params.boolean('start') === true) startContainer(ctx, vmid);
}

function keysOf(ctx: RequestContext): ConfigSection {
  const values: ConfigSection = {};
  for (const [name, value] of ctx.params.entries()) {
    if (!notKeys.has(name) && !/^unused\d+$/.test(name))
      values[name] = typeof value === 'string' ? value : value.join(',');
  }
  return values;
}

/** The values as they are stored, volumes left out. */
function storedKeys(ctx: RequestContext, values: ConfigSection): ConfigSection {
  const { lab } = ctx;
  const stored: ConfigSection = {};
  for (const [key, value] of Object.entries(values)) {
    if (isVolumeKey(key)) continue;
    if (/^net\d+$/.test(key)) stored[key] = storedContainerNic(value, macPrefix(lab), lab.random);
    else if (key === 'tags') stored[key] = uniqueTags(lab, value);
    else stored[key] = key === 'nameserver' ? splitList(value).join(' ') : value;
  }
  return stored;
}

/** @throws PveError 500 when the volume is no template. */
function checkTemplateVolume(ctx: RequestContext, vmid: number, template: string): void {
  const volume = checkVolumeAccess(ctx.lab, ctx.caller, vmid, template);
  if (volume === undefined || volume.content === 'vztmpl') return;
  throw failure(`unable to use volume ${template} - content type needs to be 'vztmpl'`);
}

/** The volumes to make or use; a bare number is an allocation on the default storage, and without any the root file system gets 4 GiB there. */
function volumesOf(values: ConfigSection, storage: string): ConfigSection {
  const keys = volumeKeysOf(values);
  if (keys.length === 0) return { rootfs: `${storage}:4` };
  if (values.rootfs === undefined) throw failure("mount points configured, but 'rootfs' not set - aborting");
  return Object.fromEntries(
    keys.map((key) => {
      const value = values[key] ?? '';
      return [key, /^\d+(\.\d+)?(,|$)/.test(value) ? `${storage}:${value}` : value];
    }),
  );
}

function storagesOf(volumes: ConfigSection): string[] {
  const storages: string[] = [];
  for (const key of volumeKeysOf(volumes)) {
    const { volume } = parseMountPoint(volumes[key] ?? '');
    const storage =
      parseVolumeAllocation(volume)?.storage ??
      (isVolid(volume) ? volume.slice(0, volume.indexOf(':')) : undefined);
    if (storage !== undefined) storages.push(storage);
  }
  return storages;
}
