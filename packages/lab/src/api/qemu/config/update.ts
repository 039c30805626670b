import { createHash, randomBytes } from 'node:crypto';
import { splitList } from '../../../http/params.js';
import { badParameter, badParameters, failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { generateCloudInit } from '../cloudinit/generate.js';
import { createDisks } from '../disks/create-disks.js';
import { checkDriveSyntax, checkStorageAccess } from '../disks/volume-access.js';
import {
  checkConfigLock,
  checkDigest,
  checkProtection,
  isRunning,
  isTemplate,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';
import { skipsLock } from '../root-only.js';
import { type ApplyOptions, applyPending } from './apply-pending.js';
import { parseBootOrder, printBootOrder } from './boot-order.js';
import {
  checkBalloon,
  checkBridges,
  checkDevicePermissions,
  checkHookScript,
  checkKeyPermissions,
  checkSshKeys,
  checkStoredValues,
  uniqueTags,
} from './check-keys.js';
import { isOption } from './config-keys.js';
import { isCdrom, isCloudInitDrive, isDriveKey, parseDrive, printDrive } from './drive.js';
import { hotplugPending } from './hotplug.js';
import { canonicalValues, configParameters } from './parameters.js';
import {
  cleanupPending,
  deallocate,
  ownsVolume,
  pendingDeletes,
  registerUnused,
  setPendingDeletes,
  tidyUnused,
} from './write-config.js';

const control = new Set([
  'node',
  'vmid',
  'digest',
  'delete',
  'revert',
  'force',
  'skiplock',
  'background_delay',
  'import-working-storage',
  'skip_cloud_init',
]);

/** A change of a guest's configuration, verified as far as it can be without the guest's lock. */
interface Change {
  readonly ctx: RequestContext;
  readonly vmid: number;
  readonly values: ConfigSection;
  readonly deletes: readonly string[];
  readonly reverts: readonly string[];
  readonly force: boolean;
  readonly skipLock: boolean;
  /** The call as the task log and the cluster log show it. */
  readonly summary: string;
}

/** PUT …/config: everything is done when it answers. `deleteParameter` is `idlist` for PUT …/unlink. */
export async function updateConfigNow(ctx: RequestContext, deleteParameter = 'delete'): Promise<undefined> {
  const change = await prepare(ctx, deleteParameter);
  await withGuestLock(ctx.lab, ctx.node, change.vmid, {}, async () => {
    await makeChange(change, checkUnderLock(change), () => {});
  });
}

/** POST …/config: a task makes the change; yields its UPID, or nothing when it ended within `background_delay` seconds. */
export async function updateConfigInTask(ctx: RequestContext): Promise<string | undefined> {
  const change = await prepare(ctx, 'delete');
  const { lab, node } = ctx;
  const upid = await withGuestLock(lab, node, change.vmid, {}, async () => {
    const checked = checkUnderLock(change);
    return ctx.startTask({
      type: 'qmconfig',
      id: change.vmid,
      run: async (task) => {
        await withGuestLock(lab, node, change.vmid, { log: task.log, signal: task.signal }, async () => {
          task.log(`update VM ${change.vmid}: ${change.summary}`);
          await makeChange(change, checked, (line) => task.log(line));
        });
      },
    });
  });
  const delay = ctx.params.integer('background_delay');
  if (delay === undefined) return upid;
  const done = lab.tasks.finished(upid);
  if (!(await lab.clock.within(delay * 1000, done, ctx.signal))) return upid;
  const status = await done;
  if (status !== 'OK') throw failure(status);
  return undefined;
}

async function prepare(ctx: RequestContext, deleteParameter: string): Promise<Change> {
  const { lab, caller, node, params } = ctx;
  const vmid = vmidOf(ctx);
  const values = configParameters(params, new Set([...control, deleteParameter]));
  if (values.cipassword !== undefined) values.cipassword = hashPassword(values.cipassword);
  const summary = summarise(params.entries(), deleteParameter);
  const skipLock = skipsLock(ctx);
  checkSshKeys(params.get('sshkeys'));
  const deleteText = params.get(deleteParameter) ?? '';
  const revertText = params.get('revert') ?? '';
  if (deleteText === '' && revertText === '' && Object.keys(values).length + params.nulls.length === 0)
    throw failure('no options specified');
  const reverts = splitList(revertText);
  for (const key of reverts) {
    if (!isOption(key)) throw badParameter('revert', `unknown option '${key}'`);
    if (values[key] !== undefined)
      throw badParameter('delete', `you can't use '-${key}' and -revert ${key}' at the same time`);
  }
  const deletes = splitList(deleteText).map((key) => (key === 'cdrom' ? 'ide2' : key));
  for (const key of deletes) {
    if (values[key] !== undefined)
      throw badParameter('delete', `you can't use '-${key}' and -delete ${key}' at the same time`);
    if (reverts.includes(key))
      throw badParameter('revert', `you can't use '-delete ${key}' and -revert ${key}' at the same time`);
    if (!isOption(key)) throw badParameter('delete', `unknown option '${key}'`);
  }
  checkDriveSyntax(values);
  const wanted = canonicalValues(lab, values);
  await checkHookScript(lab, node, values.hookscript);
  const owner = { lab, caller, vmid };
  checkKeyPermissions(owner, deletes);
  checkKeyPermissions(owner, Object.keys(wanted));
  checkStorageAccess(lab, caller, vmid, wanted);
  checkBridges(lab, caller, wanted);
  return {
    ctx,
    vmid,
    values: wanted,
    deletes,
    reverts,
    force: params.boolean('force') === true,
    skipLock,
    summary,
  };
}

function summarise(
  entries: readonly (readonly [string, string | readonly string[]])[],
  deleteParameter: string,
): string {
  const hidden = new Set([
    'node',
    'vmid',
    'digest',
    'background_delay',
    'import-working-storage',
    'skip_cloud_init',
  ]);
  return entries
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]): readonly [string, string] => [
      name === deleteParameter ? 'delete' : name,
      name === 'cipassword' ? '<hidden>' : typeof value === 'string' ? value : value.join(','),
    ])
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `-${name} ${value}`)
    .join(' ');
}

/** PVE hashes a password that is set by an update, unless it is a hash already. The hash is of PVE's form; nothing logs in by it. */
function hashPassword(password: string): string {
  if (/^\$(?:[156]|2[ay])(\$.+){2}/.test(password)) return password;
  const salt = randomBytes(6).toString('base64').replace(/[+=]/g, '.').slice(0, 8);
  const digest = createHash('sha256')
    .update(`${salt}${password}`)
    .digest('base64')
    .replace(/[+=]/g, '.')
    .slice(0, 43);
  return `$5$${salt}$${digest}`;
}

interface Checked {
  readonly guest: GuestRecord;
  readonly values: ConfigSection;
  readonly deletes: readonly string[];
}

function checkUnderLock(change: Change): Checked {
  const { ctx, vmid } = change;
  const guest = requireGuest(ctx.lab, ctx.node, vmid);
  const { config } = guest;
  checkDigest(config, ctx.params.get('digest'));
  if (!change.skipLock) checkConfigLock(config);
  const values = { ...change.values };
  const deletes = [...change.deletes];
  for (const key of change.reverts) {
    if (config.main[key] !== undefined) values[key] = config.main[key];
    else if (config.pending[key] !== undefined) deletes.push(key);
  }
  for (const key of ctx.params.nulls)
    throw failure(`unable to parse value of '${key}' - got undefined value`);
  if (values.memory !== undefined || values.balloon !== undefined) {
    checkBalloon(
      values.memory ?? config.pending.memory ?? config.main.memory,
      values.balloon ?? config.pending.balloon ?? config.main.balloon,
    );
  }
  checkStoredValues(values);
  return { guest, values, deletes };
}

async function makeChange(change: Change, checked: Checked, log: (line: string) => void): Promise<void> {
  const { ctx, vmid } = change;
  const { lab } = ctx;
  const { guest } = checked;
  const modified = new Set<string>();
  for (const key of checked.deletes) await stageDelete(change, guest, key, modified);
  for (const key of Object.keys(checked.values)) await stageValue(change, checked, key, modified, log);
  cleanupPending(guest.config);
  tidyUnused(guest.config);
  if (Object.keys(guest.config.pending).length === 0) return;
  const options: ApplyOptions = {
    lab,
    guest,
    checkFree: (storage) => lab.access.check(ctx.caller, `/storage/${storage}`, ['Datastore.AllocateSpace']),
    regenerate: () => generateCloudInit(lab, guest),
  };
  const errors = isRunning(lab, vmid) ? await hotplugPending(options, modified) : await applyPending(options);
  await makeBases(lab, guest, modified);
  if (Object.keys(errors).length > 0) throw badParameters(errors);
}

/** A disk that a template gets becomes a base image like its others. */
async function makeBases(lab: Lab, guest: GuestRecord, keys: ReadonlySet<string>): Promise<void> {
  const { main } = guest.config;
  if (!isTemplate(guest.config)) return;
  for (const key of keys) {
    const drive = main[key] === undefined || !isDriveKey(key) ? undefined : parseDrive(key, main[key]);
    if (drive === undefined || isCdrom(drive) || !ownsVolume(lab, guest.vmid, drive.file)) continue;
    if (lab.storages.parse(drive.file).isBase || !lab.storages.has(guest.node, drive.file, 'template'))
      continue;
    main[key] = printDrive({ ...drive, file: await lab.storages.createBase(guest.node, drive.file) });
  }
}

async function stageDelete(
  change: Change,
  guest: GuestRecord,
  key: string,
  modified: Set<string>,
): Promise<void> {
  const { ctx, vmid } = change;
  const { lab, caller } = ctx;
  const { config } = guest;
  const pending = config.pending[key];
  const value = pending ?? config.main[key];
  if (value === undefined) return;
  modified.add(key);
  const checkDisk = () => lab.access.checkGuest(caller, vmid, undefined, ['VM.Config.Disk']);
  delete config.pending[key];
  const order = parseBootOrder(config.pending.boot ?? config.main.boot);
  if (pending === undefined && order?.includes(key) === true) {
    config.pending.boot = printBootOrder(order.filter((device) => device !== key));
    modified.add('boot');
  }
  if (/^unused\d+$/.test(key)) {
    const drive = parseDrive(key, value);
    if (drive === undefined) return;
    checkProtection(config, `can't remove unused disk '${drive.file}'`);
    checkDisk();
    const checkFree = (storage: string) =>
      lab.access.check(caller, `/storage/${storage}`, ['Datastore.AllocateSpace']);
    if (await deallocate(lab, guest, key, drive, checkFree)) delete config.main[key];
    return;
  }
  if (isDriveKey(key)) {
    checkProtection(config, `can't remove drive '${key}'`);
    const drive = parseDrive(key, value);
    if (drive !== undefined && isCloudInitDrive(drive))
      lab.access.checkGuest(caller, vmid, undefined, ['VM.Config.Cloudinit']);
    else if (drive !== undefined && isCdrom(drive))
      lab.access.checkGuest(caller, vmid, undefined, ['VM.Config.CDROM']);
    else checkDisk();
    if (pending !== undefined) await registerUnused(lab, guest, drive);
  } else checkDevicePermissions({ lab, caller, vmid }, { [key]: value }, 'delete');
  if (config.main[key] !== undefined) {
    const deletes = pendingDeletes(config);
    deletes.set(key, change.force);
    setPendingDeletes(config, deletes);
  }
}

async function stageValue(
  change: Change,
  checked: Checked,
  key: string,
  modified: Set<string>,
  log: (line: string) => void,
): Promise<void> {
  const { ctx, vmid } = change;
  const { lab, caller, node } = ctx;
  const { config } = checked.guest;
  const value = checked.values[key];
  if (value === undefined) return;
  modified.add(key);
  if (config.pending[key] === value) return;
  if (isDriveKey(key)) {
    for (const text of [config.main[key], value]) {
      const drive = text === undefined ? undefined : parseDrive(key, text);
      if (drive !== undefined) checkDrivePermission(change, drive);
    }
    if (config.pending[key] !== undefined)
      await registerUnused(lab, checked.guest, parseDrive(key, config.pending[key]));
    const others = { ...config.main };
    delete others[key];
    const stored = await createDisks(
      { lab, node, vmid, existing: [others, config.pending], log },
      { [key]: value },
    );
    Object.assign(config.pending, stored);
    appendCdromToBoot(config, key, modified);
  } else if (key === 'tags') config.pending.tags = uniqueTags(lab, value);
  else if (key === 'boot') stageBoot(config, checked, value);
  else {
    if (/^(serial|usb|hostpci)\d+$/.test(key)) {
      const held = config.main[key];
      if (held !== undefined) checkDevicePermissions({ lab, caller, vmid }, { [key]: held });
      checkDevicePermissions({ lab, caller, vmid }, { [key]: value });
    }
    config.pending[key] = value;
  }
  const deletes = pendingDeletes(config);
  deletes.delete(key);
  setPendingDeletes(config, deletes);
}

function checkDrivePermission(change: Change, drive: NonNullable<ReturnType<typeof parseDrive>>): void {
  const { lab, caller } = change.ctx;
  if (isCloudInitDrive(drive))
    lab.access.checkGuest(caller, change.vmid, undefined, ['VM.Config.Cloudinit', 'VM.Config.CDROM']);
  else
    lab.access.checkGuest(caller, change.vmid, undefined, [
      isCdrom(drive) ? 'VM.Config.CDROM' : 'VM.Config.Disk',
    ]);
}

/** A CD-ROM drive that is added joins a boot order that names devices. */
function appendCdromToBoot(config: GuestRecord['config'], key: string, modified: Set<string>): void {
  const order = parseBootOrder(config.pending.boot ?? config.main.boot);
  const drive = parseDrive(key, config.pending[key] ?? '');
  if (order === undefined || order.length === 0 || drive === undefined) return;
  if (!isCdrom(drive) || isCloudInitDrive(drive) || order.includes(key)) return;
  config.pending.boot = printBootOrder([...order, key]);
  modified.add('boot');
}

function stageBoot(config: GuestRecord['config'], checked: Checked, value: string): void {
  const order = parseBootOrder(value);
  for (const device of order ?? []) {
    const exists = config.main[device] ?? config.pending[device] ?? checked.values[device];
    if (exists === undefined || checked.deletes.includes(device))
      throw failure(`invalid bootorder: device '${device}' does not exist'`);
  }
  config.pending.boot = order === undefined ? value : printBootOrder(order);
  if (order !== undefined && config.main.bootdisk !== undefined) {
    const deletes = pendingDeletes(config);
    deletes.set('bootdisk', false);
    setPendingDeletes(config, deletes);
  }
}
