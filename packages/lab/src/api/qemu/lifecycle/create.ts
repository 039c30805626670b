import { errorText, failure, forbidden } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import { createGuestConfig } from '../../../state/guest-config.js';
import { defaultBootOrder, printBootOrder } from '../config/boot-order.js';
import {
  checkBridges,
  checkDevicePermissions,
  checkKeyPermissions,
  checkSshKeys,
  checkStoredValues,
  uniqueTags,
} from '../config/check-keys.js';
import { creationMeta, drawSmbios } from '../config/drawn-values.js';
import { isDriveKey } from '../config/drive.js';
import { canonicalBoot, canonicalValues, configParameters } from '../config/parameters.js';
import { createDisks } from '../disks/create-disks.js';
import { checkDriveSyntax, checkStorageAccess } from '../disks/volume-access.js';
import { checkPoolExists, vmidOf, withGuestLock } from '../guest-access.js';
import { startGuest } from './start.js';

const control = new Set([
  'node',
  'vmid',
  'archive',
  'storage',
  'force',
  'unique',
  'pool',
  'bwlimit',
  'start',
  'live-restore',
  'import-working-storage',
  'ha-managed',
]);

/** POST /nodes/{node}/qemu: checks everything that needs no disk, reserves the id, and makes disks and configuration in a task. */
export async function createGuest(ctx: RequestContext): Promise<string> {
  const { lab, caller, node, params } = ctx;
  const vmid = vmidOf(ctx);
  const pool = params.get('pool');
  const storage = params.get('storage');
  checkSshKeys(params.get('sshkeys'));
  checkPoolExists(lab, pool);
  if (storage !== undefined) lab.access.check(caller, `/storage/${storage}`, ['Datastore.AllocateSpace']);
  const allowed =
    lab.access.has(caller, `/vms/${vmid}`, ['VM.Allocate']) ||
    (pool !== undefined && lab.access.has(caller, `/pool/${pool}`, ['VM.Allocate']));
  if (!allowed) throw forbidden();
  const start = params.boolean('start') === true;
  if (start && lab.release === '9.2') lab.access.checkGuest(caller, vmid, pool, ['VM.PowerMgmt']);
  if (params.boolean('ha-managed') === true) lab.access.check(caller, '/', ['Sys.Console']);
  const archive = params.get('archive');
  if (archive !== undefined)
    throw failure(`unable to restore VM ${vmid} - restoring backups is not emulated`);

  const values = configParameters(params, control);
  const owner = { lab, caller, vmid, pool };
  checkStorageAccess(lab, caller, vmid, values, storage);
  checkKeyPermissions(owner, Object.keys(values));
  checkDevicePermissions(owner, values);
  checkBridges(lab, caller, values);
  checkDriveSyntax(values);
  const wanted = canonicalValues(lab, values);
  // Before 9.2 tags are stored as they were sent.
  if (lab.release === '9.2' && wanted.tags !== undefined) wanted.tags = uniqueTags(lab, wanted.tags);
  checkStoredValues(wanted);

  return withGuestLock(lab, node, vmid, {}, async () => {
    const taken = lab.state.guests[String(vmid)];
    if (taken !== undefined) {
      const kind = taken.kind === 'qemu' ? 'VM' : 'CT';
      throw failure(`unable to create VM ${vmid} - ${kind} ${vmid} already exists on node '${taken.node}'`);
    }
    lab.state.guests[String(vmid)] = {
      vmid,
      kind: 'qemu',
      node,
      config: createGuestConfig({ lock: 'create' }),
    };
    return ctx.startTask({
      type: 'qmcreate',
      id: vmid,
      undo: () => {
        delete lab.state.guests[String(vmid)];
      },
      run: async (task) => {
        await withGuestLock(
          lab,
          node,
          vmid,
          { timeoutMs: 1000, log: task.log, signal: task.signal },
          async () => {
            try {
              const disks = await createDisks(
                {
                  lab,
                  node,
                  vmid,
                  existing: [],
                  log: (line) => task.log(line),
                  signal: task.signal,
                  ...(storage !== undefined && { defaultStorage: storage }),
                },
                wanted,
              );
              writeNewConfig(lab, vmid, { ...wanted, ...disks });
            } catch (error) {
              delete lab.state.guests[String(vmid)];
              throw failure(`unable to create VM ${vmid} - ${errorText(error)}`);
            }
            if (pool !== undefined) addToPool(lab, vmid, pool);
          },
        );
        if (start) {
          task.log('Execute autostart');
          const upid = lab.tasks.start({
            type: 'qmstart',
            id: String(vmid),
            node,
            user: caller.authid,
            run: (inner) => startGuest(lab, node, vmid, inner),
          });
          // A start that fails does not fail the creation.
          await lab.tasks.finished(upid);
        }
      },
    });
  });
}

function writeNewConfig(lab: Lab, vmid: number, values: Record<string, string>): void {
  const record = lab.state.guests[String(vmid)];
  if (record === undefined) throw failure('unable to write the configuration');
  const main = { ...values };
  main.meta = creationMeta(lab);
  if (main.boot === undefined) main.boot = printBootOrder(defaultBootOrder(main));
  else main.boot = canonicalBoot(main.boot);
  if (main.smbios1 === undefined) main.smbios1 = drawSmbios(lab, undefined);
  if (main.vmgenid === undefined) main.vmgenid = lab.uuid();
  if (main.vmgenid === '0') delete main.vmgenid;
  for (const key of Object.keys(main)) if (main[key] === '' && !isDriveKey(key)) delete main[key];
  record.config = createGuestConfig(main);
}

/** Makes a guest a member of a pool. */
export function addToPool(lab: Lab, vmid: number, pool: string): void {
  const record = lab.state.pools[pool];
  if (record !== undefined && !record.vms.includes(vmid))
    record.vms = [...record.vms, vmid].sort((left, right) => left - right);
}
