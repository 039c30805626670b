import { createGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { settleGuest } from '../../../apply/settle-guest.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { WireValue } from '../../../observe/inventory.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { printDescription } from '../../../observe/marker.js';
import { requireOurGuest } from '../../guest-step.js';
import { listApplied } from '../compare-machine.js';
import { listDesiredKeys } from '../desired-keys.js';
import { type MachineStepContext, machineStep } from '../machine-step.js';

/** Keys of a new machine from an image: disk, console, and what is declared. The claim is in it: no guest of ours is ever without its marker. */
function newMachineKeys(context: MachineStepContext, volid: string): Readonly<Record<string, WireValue>> {
  const { declared, action } = context;
  const storage = String(action.input.storage);
  const keys: Record<string, WireValue> = {
    ostype: 'l26',
    scsihw: 'virtio-scsi-single',
    scsi0: `${storage}:0,import-from=${volid},discard=on`,
    boot: 'order=scsi0',
    // Cloud images log to the serial port, and some hang without one.
    serial0: 'socket',
  };
  if (declared.bios === 'ovmf') keys.efidisk0 = `${storage}:1,efitype=4m,pre-enrolled-keys=0`;
  for (const disk of declared.extraDisks) {
    const options = [
      disk.ssd === true ? ',ssd=1' : '',
      disk.discard === true ? ',discard=on' : '',
      disk.format === undefined ? '' : `,format=${disk.format}`,
    ];
    keys[disk.slot] = `${disk.storage ?? storage}:${disk.sizeGib}${options.join('')}`;
  }
  for (const desired of listDesiredKeys(declared, {}, undefined)) keys[desired.key] = desired.value;
  const observed = {
    vmid: declared.vmid,
    kind: 'machine',
    node: '',
    status: 'stopped',
    template: false,
    digest: '',
    config: {},
    pending: {},
    text: '',
  } as const;
  keys.description = printDescription(declared.description?.trim() ?? '', {
    v: 1,
    id: declared.vmid,
    stage: 'made',
    applied: listApplied(declared, observed),
    from: volid,
  });
  return keys;
}

/** Creates the machine from its image, claimed by its marker in the creating call. */
export const create = machineStep(async (context) => {
  const { client, declared, action, results } = context;
  let guest = await context.look();
  if (guest !== undefined && isBeingMade(guest)) {
    await settleGuest(context);
    guest = await context.look();
  }
  if (guest !== undefined && isBeingMade(guest)) {
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_LOCKED',
      message: `${declared.vmid} (${declared.name}) is reserved by a ${guest.lock ?? 'create'} that no task works on any more.`,
      hint: `On the node ${guest.node}: \`qm unlock ${declared.vmid} && qm destroy ${declared.vmid}\`, then run again.`,
      details: { vmid: declared.vmid },
    });
  }
  if (guest !== undefined) {
    await requireOurGuest(context);
    return { outcome: 'unchanged' };
  }
  const image = action.input.image;
  const volid = typeof action.input.volid === 'string' ? action.input.volid : results.get(String(image));
  if (volid === undefined) throw new TypeError(`${action.id}: no image`);
  const upid = await createGuest(client, {
    kind: 'qemu',
    node: String(action.input.node),
    vmid: declared.vmid,
    set: {
      ...newMachineKeys(context, volid),
      ...(declared.pool === undefined ? {} : { pool: declared.pool }),
    },
  });
  await awaitTask(context, upid);
  return { outcome: 'ok' };
});
