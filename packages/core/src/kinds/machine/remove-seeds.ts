import { deleteVolume, listStorages, listVolumes } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import type { StepContext } from '../../apply/step-context.js';
import { readSeedVolume } from './seed-drive.js';

/** Deletes the seeds of the machine on the node's storages, except the one to keep. Resolves to the number deleted. */
export async function removeSeeds(context: StepContext, node: string, keep?: string): Promise<number> {
  const { client, vmid, signal } = context;
  const storages = await listStorages(client, { node, content: 'iso' }, { signal });
  let removed = 0;
  for (const { storage, active } of storages) {
    if (active !== undefined && !active) continue;
    for (const { volid } of await listVolumes(client, { node, storage, content: 'iso' }, { signal })) {
      if (volid === keep || readSeedVolume(volid)?.vmid !== vmid) continue;
      await awaitTask(context, await deleteVolume(client, { node, volid }));
      removed += 1;
    }
  }
  return removed;
}
