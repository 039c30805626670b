import { errorText, failure } from '../../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import { type ConfigSection, createGuestConfig } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';
import { agentEnabled } from '../agent/agent-options.js';
import { checkBridges } from '../config/check-keys.js';
import { drawSmbios, storedNic } from '../config/drawn-values.js';
import {
  type Drive,
  isCdrom,
  isCloudInitDrive,
  isDriveKey,
  parseDrive,
  printDrive,
} from '../config/drive.js';
import { copyDrive } from '../disks/copy-drive.js';
import {
  checkConfigLock,
  checkPoolExists,
  findGuest,
  isRunning,
  isTemplate,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';
import { addToPool } from './create.js';
import { agentAnswers } from './stop.js';
import { workerForked } from './worker-forked.js';

/** Keys that a clone does not take over. */
const dropped = new Set([
  'lock',
  'template',
  'parent',
  'snaptime',
  'vmstate',
  'snapstate',
  'runningmachine',
  'runningcpu',
  'running-nets-host-mtu',
]);

/** What a clone is to be, verified. */
interface ClonePlan {
  readonly source: GuestRecord;
  readonly newid: number;
  readonly config: ConfigSection;
  readonly drives: readonly Drive[];
  readonly full: boolean;
  readonly snapname?: string | undefined;
  readonly storage?: string | undefined;
  readonly format?: string | undefined;
  readonly target?: string | undefined;
  readonly pool?: string | undefined;
  readonly running: boolean;
}

/** POST …/clone. */
export const cloneRoutes: readonly Route[] = [
  defineRoute('POST /nodes/{node}/qemu/{vmid}/clone', async (ctx) => {
    const { lab, node, params } = ctx;
    const vmid = vmidOf(ctx);
    const newid = params.requireInteger('newid');
    const pool = params.get('pool');
    checkPoolExists(lab, pool);
    const wantedTarget = params.get('target');
    const target = wantedTarget === node || wantedTarget === 'localhost' ? undefined : wantedTarget;
    if (target !== undefined && lab.state.nodes[target] === undefined)
      throw failure(`no such cluster node '${target}'`);
    const storage = params.get('storage');
    if (storage !== undefined) {
      lab.storages.checkEnabled(storage, node);
      if (target !== undefined) {
        lab.storages.checkEnabled(storage, target);
        if (lab.storages.entry(storage).shared !== true)
          throw failure(`can't clone to non-shared storage '${storage}'`);
      }
    }
    if (findGuest(lab, node, vmid) === undefined)
      throw failure(`unable to find configuration file for VM ${vmid} on node '${node}'`);
    const running = isRunning(lab, vmid);
    const plan = await withGuestLock(lab, node, vmid, { shared: !running, signal: ctx.signal }, () =>
      Promise.resolve(planClone(ctx, { vmid, newid, storage, target, pool, running })),
    );
    return ctx.startTask({
      type: 'qmclone',
      id: vmid,
      run: async (task) => {
        await workerForked();
        await withGuestLock(lab, node, vmid, { shared: !running, log: task.log, signal: task.signal }, () =>
          withGuestLock(lab, node, newid, { timeoutMs: 1000, log: task.log, signal: task.signal }, () =>
            carryOut(lab, plan, task),
          ),
        );
      },
    });
  }),
];

function planClone(
  ctx: RequestContext,
  request: {
    vmid: number;
    newid: number;
    storage: string | undefined;
    target: string | undefined;
    pool: string | undefined;
    running: boolean;
  },
): ClonePlan {
  const { lab, node, params, caller } = ctx;
  const { vmid, newid, storage, target, running } = request;
  const source = requireGuest(lab, node, vmid);
  checkConfigLock(source.config);
  const snapname = params.get('snapname');
  const section = snapname === undefined ? source.config.main : source.config.snapshots[snapname];
  if (section === undefined) throw failure(`snapshot '${snapname}' does not exist`);
  const full = params.boolean('full') ?? !isTemplate(source.config);
  const format = params.get('format');
  if (storage !== undefined && !full) throw failure("parameter 'storage' not allowed for linked clones");
  if (format !== undefined && !full) throw failure("parameter 'format' not allowed for linked clones");
  const shared = checkCloneStorage(ctx, section, storage);
  if (target !== undefined && !shared)
    throw failure(`can't clone VM to node '${target}' (VM uses local storage)`);
  checkBridges(lab, caller, section);
  if (lab.state.guests[String(newid)] !== undefined)
    throw failure(`unable to create VM ${newid}: config file already exists`);
  const config: ConfigSection = {};
  const drives: Drive[] = [];
  for (const [key, value] of Object.entries(section)) {
    if (dropped.has(key) || /^unused\d+$/.test(key)) continue;
    const drive = isDriveKey(key) ? parseDrive(key, value) : undefined;
    if (/^net\d+$/.test(key)) config[key] = storedNic(lab, value, true);
    else if (drive === undefined || (isCdrom(drive) && !isCloudInitDrive(drive))) config[key] = value;
    else {
      checkCopyable(lab, node, drive, { full, snapname, running });
      drives.push(drive);
    }
  }
  if (config.vmgenid !== undefined) config.vmgenid = lab.uuid();
  config.smbios1 = drawSmbios(lab, config.smbios1);
  config.name = params.get('name') ?? `Copy-of-VM-${section.name ?? vmid}`;
  const description = params.get('description');
  if (description !== undefined && description !== '') config.description = description.replace(/\s+$/, '');
  drives.sort((left, right) => (left.key < right.key ? -1 : 1));
  return {
    source,
    newid,
    config,
    drives,
    full,
    snapname,
    storage,
    format,
    target,
    pool: request.pool,
    running,
  };
}

/** Checks the privileges on the storages that the copies go to; yields whether all volumes are on shared storage. */
function checkCloneStorage(
  ctx: RequestContext,
  section: ConfigSection,
  storage: string | undefined,
): boolean {
  const { lab, caller } = ctx;
  let shared = true;
  for (const [key, value] of Object.entries(section)) {
    const drive = isDriveKey(key) ? parseDrive(key, value) : undefined;
    if (drive === undefined || drive.file === 'none') continue;
    if (drive.file === 'cdrom') {
      lab.access.check(caller, '/', ['Sys.Console']);
      continue;
    }
    const own = drive.file.split(':')[0] ?? '';
    if (lab.storages.entry(own).shared !== true) shared = false;
    if (!isCdrom(drive)) lab.access.check(caller, `/storage/${storage ?? own}`, ['Datastore.AllocateSpace']);
  }
  return shared;
}

function checkCopyable(
  lab: Lab,
  node: string,
  drive: Drive,
  how: { full: boolean; snapname: string | undefined; running: boolean },
): void {
  const feature = how.full || isCloudInitDrive(drive) ? 'copy' : 'clone';
  const options = {
    running: how.running,
    ...(how.snapname !== undefined && !isCloudInitDrive(drive) && { snapshot: how.snapname }),
  };
  if (lab.storages.has(node, drive.file, feature, options)) return;
  const kind = feature === 'copy' ? 'Full' : 'Linked';
  throw failure(`${kind} clone feature is not supported for '${drive.file}' (${drive.key})`);
}

async function carryOut(lab: Lab, plan: ClonePlan, task: TaskRun): Promise<void> {
  const { source, newid } = plan;
  const { node, vmid } = source;
  if (lab.state.guests[String(newid)] !== undefined)
    throw failure(`unable to create VM ${newid}: config file already exists`);
  const record: GuestRecord = {
    vmid: newid,
    kind: 'qemu',
    node,
    config: createGuestConfig({ lock: 'clone' }),
  };
  lab.state.guests[String(newid)] = record;
  const made: string[] = [];
  try {
    if (lab.release === '9.2') task.log(`creating a clone of VM ${vmid} with ID ${newid}`);
    const pending = Object.keys(source.config.pending).sort();
    if (pending.length > 0 && plan.snapname === undefined) {
      task.log(`found pending changes for '${pending.join(', ')}', discarding for clone`);
    }
    const copied: ConfigSection = {};
    for (const drive of plan.drives) {
      const copy = await copyDrive(
        lab,
        { node, vmid: newid, log: (line) => task.log(line), signal: task.signal, made },
        drive,
        plan,
      );
      copied[drive.key] = printDrive(copy);
    }
    if (plan.running) await finishRunningClone(lab, plan, task);
    record.config = createGuestConfig({ ...plan.config, ...copied });
    if (plan.target !== undefined) record.node = plan.target;
    if (plan.pool !== undefined) addToPool(lab, newid, plan.pool);
    const rules = lab.state.firewall[`guest/${vmid}`];
    if (rules !== undefined) lab.state.firewall[`guest/${newid}`] = structuredClone(rules);
  } catch (error) {
    delete lab.state.guests[String(newid)];
    for (const volid of made) await lab.storages.free(node, volid);
    throw failure(`clone failed: ${task.signal.aborted ? 'interrupted by signal' : errorText(error)}`);
  }
}

/** The disks of a running guest are mirrored; at the end they are all switched at the same moment. */
async function finishRunningClone(lab: Lab, plan: ClonePlan, task: TaskRun): Promise<void> {
  const { source } = plan;
  const disks = plan.drives.filter((drive) => !isCloudInitDrive(drive));
  if (disks.length === 0) return;
  const prefix = lab.release === '9.2' ? 'mirror' : 'drive';
  task.log("all 'mirror' jobs are ready");
  const withAgent = agentEnabled(source.config.main.agent);
  if (lab.release === '9.2' && withAgent) task.log("issuing guest agent 'guest-fsfreeze-freeze' command");
  const frozen = withAgent && (await agentAnswers(lab, source.vmid, task));
  if (lab.release === '8.4') task.log(frozen ? 'freeze filesystem' : 'suspend vm');
  for (const drive of disks) {
    task.log(`${prefix}-${drive.key}: Cancelling block job`);
    task.log(`${prefix}-${drive.key}: Done.`);
  }
  if (lab.release === '8.4') task.log(frozen ? 'unfreeze filesystem' : 'resume vm');
  else if (withAgent) task.log("issuing guest agent 'guest-fsfreeze-thaw' command");
}
