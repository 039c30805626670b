import { listStorages, listVolumes, uploadVolume } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireOurGuest, writeGuest } from '../../guest-step.js';
import { listMacs } from '../machine-net.js';
import { type MachineStepContext, machineStep } from '../machine-step.js';
import { removeSeeds } from '../remove-seeds.js';
import { chooseSeedSlot, findSeedDrive, listCloudInitDrives, printSeedFileName } from '../seed-drive.js';

async function chooseSeedStorage(context: MachineStepContext, node: string): Promise<string> {
  const { client, declared, signal } = context;
  const storages = await listStorages(client, { node, content: 'iso' }, { signal });
  const names = storages
    .filter((storage) => storage.active === undefined || storage.active)
    .map((storage) => storage.storage)
    .sort();
  const wanted = declared.seedStorage;
  const chosen =
    wanted === undefined
      ? (names.find((name) => name === 'local') ?? names[0])
      : names.find((name) => name === wanted);
  if (chosen !== undefined) return chosen;
  throw new PhoenixError({
    code: 'PHOENIX_STORAGE_MISSING',
    message: `Node ${node} has no ${wanted === undefined ? 'active storage' : `active storage "${wanted}"`} for \`iso\` content, which the seed of ${declared.vmid} needs; it has: ${names.join(', ') || 'none'}.`,
    hint: 'Allow the content "iso" on a storage of that node, or name one with `seed_storage`.',
    details: { vmid: declared.vmid, node },
  });
}

/**
 * Gives the machine its cloud-init seed: an ISO named by its digest, uploaded where it is not there yet, attached in place of any other seed.
 * A seed that is attached already is not uploaded again; earlier ones of this machine are deleted.
 */
export const seed = machineStep(async (context) => {
  const { client, declared, materials, report, signal, limits } = context;
  if (materials.seed === undefined) return { outcome: 'unchanged' };
  const guest = await requireOurGuest(context);
  const wanted = materials.seed(listMacs(declared, guest.config));
  const filename = printSeedFileName(declared.vmid, wanted.digest);
  const attached = findSeedDrive(guest.config);
  if (attached?.volid.endsWith(`/${filename}`) === true && guest.marker.seed === wanted.digest) {
    return { outcome: 'unchanged' };
  }
  const storage = await chooseSeedStorage(context, guest.node);
  const volid = `${storage}:iso/${filename}`;
  const present = await listVolumes(client, { node: guest.node, storage, content: 'iso' }, { signal });
  if (!present.some((volume) => volume.volid === volid)) {
    for (const { message } of wanted.render().notices) report.warn(message);
    report.progress(`uploading the seed to ${storage}`);
    await limits.run([`upload:${guest.node}`], async () => {
      await awaitTask(
        context,
        await uploadVolume(client, {
          node: guest.node,
          storage,
          content: 'iso',
          filename,
          source: wanted.write(),
        }),
      );
    });
  }
  const slot = chooseSeedSlot(guest.config);
  // Two seeds in one guest, and either may be taken: Proxmox VE's own goes.
  const others = listCloudInitDrives(guest.config).filter((drive) => drive !== slot);
  const replaces = attached !== undefined && attached.vmid === declared.vmid && attached.volid !== volid;
  // While an old seed is still to be deleted the marker names the old one, so that a run cut off here comes back to it.
  const { seed: _old, ...marker } = guest.marker;
  await writeGuest(context, guest, {
    set: { [slot]: `${volid},media=cdrom` },
    delete: others,
    marker: replaces ? guest.marker : { ...marker, seed: wanted.digest },
  });
  if (replaces) {
    await removeSeeds(context, guest.node, volid);
    const after = await requireOurGuest(context);
    await writeGuest(context, after, { marker: { ...after.marker, seed: wanted.digest } });
  }
  return { outcome: 'ok' };
});
