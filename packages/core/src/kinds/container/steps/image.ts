import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { downloadToStorage, listVolumes, uploadVolume } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { nearestName } from '../../../config/nearest-name.js';
import { describeError, errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { resolveImage } from '../../../images/resolve-image.js';
import { type ContainerStepContext, containerStep } from '../container-step.js';

interface Place {
  readonly node: string;
  readonly storage: string;
}

/** The node fetches a template of Proxmox VE's own index. @throws {PhoenixError} `PHOENIX_IMAGE` for a name that is not in it */
async function downloadAppliance(context: ContainerStepContext, place: Place, name: string): Promise<void> {
  const { client, report, signal } = context;
  const { node, storage } = place;
  const index = await client.request('GET /nodes/{node}/aplinfo', { node }, { signal });
  const names = index.flatMap((entry) =>
    'template' in entry && typeof entry.template === 'string' ? [entry.template] : [],
  );
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `The template index of node ${node} has no "${name}"; it has ${names.length} templates.`,
      hint:
        nearest === undefined
          ? 'Look at them with `pveam available` on the node, name a URL or a file, or upload the template.'
          : `Did you mean "${nearest}"?`,
    });
  }
  report.progress(`${node} downloads ${name}`);
  const upid: unknown = await client.request('POST /nodes/{node}/aplinfo', { node, storage, template: name });
  await awaitTask(context, String(upid));
}

/** The first users name paths of the node, where their tool ran. @throws {PhoenixError} `PHOENIX_IMAGE` */
async function assertReadable(path: string, place: Place, filename: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `The template ${path} cannot be read on this machine (${errorCode(cause)}), and ${place.storage} on node ${place.node} has no ${filename}.`,
      hint: `Correct the path. For a template that is on a storage of the node already write its volume id, such as "${place.storage}:vztmpl/${filename}"; one of Proxmox VE's index is named without a path: "${filename}".`,
      cause,
    });
  }
}

async function bring(context: ContainerStepContext, place: Place, filename: string): Promise<void> {
  const { client, declared, report, signal, limits } = context;
  const reference = declared.image;
  if (reference === undefined) throw new TypeError(`${context.action.id}: no template declared`);
  if (reference.kind === 'appliance') return downloadAppliance(context, place, reference.name);
  if (reference.kind === 'path') {
    await assertReadable(reference.path, place, filename);
    await limits.run([`upload:${place.node}`], async () => {
      report.progress(`uploading ${filename} to ${place.storage}`);
      await awaitTask(
        context,
        await uploadVolume(client, { ...place, content: 'vztmpl', filename, source: reference.path }),
      );
    });
    return;
  }
  const resolved = await resolveImage(reference, signal);
  if (resolved.from.kind !== 'url')
    throw new TypeError(`${context.action.id}: a template that is neither a file nor a URL`);
  if (resolved.checksum === undefined) report.warn(`${resolved.title} has no checksum and was not verified`);
  report.progress(`${place.node} downloads ${resolved.from.url}`);
  const upid = await downloadToStorage(client, {
    ...place,
    content: 'vztmpl',
    filename,
    url: resolved.from.url,
    ...(resolved.checksum === undefined ? {} : { checksum: resolved.checksum }),
  });
  try {
    await awaitTask(context, upid);
  } catch (error) {
    if (errorCode(error) !== 'PVE_CHECKSUM') throw error;
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE_CHECKSUM',
      message: `The node's download of ${resolved.from.url} is not what its publisher's checksum promises: ${describeError(error).message}`,
      hint: 'The file was changed on its way or by its publisher; try again, or another mirror.',
      cause: error,
    });
  }
}

/** Brings the container template to the storage; one of that name that is there is used. */
export const image = containerStep(async (context) => {
  const { client, action, results, signal } = context;
  const place: Place = { node: String(action.input.node), storage: String(action.input.storage) };
  const filename = String(action.input.file);
  const volid = `${place.storage}:vztmpl/${filename}`;
  const volumes = await listVolumes(client, { ...place, content: 'vztmpl' }, { signal });
  const present = volumes.some((volume) => volume.volid === volid);
  if (!present) await bring(context, place, filename);
  results.set(action.id, volid);
  return { outcome: present ? 'unchanged' : 'ok' };
});
