import { resizeDisk } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { requireOurGuest } from '../../guest-step.js';
import { containerStep } from '../container-step.js';
import { type ContainerVolume, listContainerVolumes } from '../container-volume.js';

const gib = 2 ** 30;
type Slot = Extract<Parameters<typeof resizeDisk>[1], { readonly kind: 'lxc' }>['disk'];

function isSlot(slot: string): slot is Slot {
  return slot === 'rootfs' || /^mp\d+$/.test(slot);
}

/** Grows the root file system and the mount points to their declared sizes, with the file systems on them. */
export const growDisk = containerStep(async (context) => {
  const { client, declared } = context;
  const guest = await requireOurGuest(context);
  const wanted = new Map(declared.mountPoints.map((point) => [point.slot, point.sizeGib]));
  wanted.set('rootfs', declared.diskGib);
  const isSmall = ({ slot, bytes }: ContainerVolume) =>
    bytes !== undefined && bytes < (wanted.get(slot) ?? 0) * gib;
  const small = listContainerVolumes(guest.config).filter(isSmall);
  for (const { slot } of small) {
    if (!isSlot(slot)) continue;
    const size = `${wanted.get(slot)}G`;
    await awaitTask(
      context,
      await resizeDisk(client, { kind: 'lxc', node: guest.node, vmid: guest.vmid, disk: slot, size }),
    );
  }
  return { outcome: small.length > 0 ? 'ok' : 'unchanged' };
});
