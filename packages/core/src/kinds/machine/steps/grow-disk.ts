import { resizeDisk } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import { requireOurGuest } from '../../guest-step.js';
import { findBootDisk, listMachineDisks } from '../machine-disk.js';
import { type MachineStepContext, machineStep } from '../machine-step.js';

const gib = 2 ** 30;
type Slot = Extract<Parameters<typeof resizeDisk>[1], { readonly kind: 'qemu' }>['disk'];

function isSlot(slot: string): slot is Slot {
  return /^(scsi|virtio|sata|ide)\d+$/.test(slot);
}

async function grow(
  context: MachineStepContext,
  guest: ObservedGuest,
  slot: string,
  bytes: number | undefined,
  wantedGib: number,
): Promise<boolean> {
  if (bytes !== undefined && bytes >= wantedGib * gib) {
    if (bytes > wantedGib * gib)
      context.report.warn(
        `${slot} has ${bytes / gib} GiB, more than the declared ${wantedGib}: disks never shrink, it stays so`,
      );
    return false;
  }
  if (!isSlot(slot)) return false;
  const upid = await resizeDisk(context.client, {
    kind: 'qemu',
    node: guest.node,
    vmid: guest.vmid,
    disk: slot,
    size: `${wantedGib}G`,
  });
  // Releases before 8.0.1 did it in the call; the type says so for none of the supported ones.
  await awaitTask(context, upid);
  return true;
}

/** Grows the disks to their declared sizes. */
export const growDisk = machineStep(async (context) => {
  const { declared } = context;
  const guest = await requireOurGuest(context);
  const boot = findBootDisk(guest.config);
  let grown = false;
  if (declared.diskGib !== undefined && boot !== undefined)
    grown = await grow(context, guest, boot.slot, boot.bytes, declared.diskGib);
  const disks = listMachineDisks(guest.config);
  for (const extra of declared.extraDisks) {
    const disk = disks.find((candidate) => candidate.slot === extra.slot);
    if (disk !== undefined && (await grow(context, guest, disk.slot, disk.bytes, extra.sizeGib)))
      grown = true;
  }
  return { outcome: grown ? 'ok' : 'unchanged' };
});
