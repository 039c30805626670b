import { downloadToStorage, listTasks, listVolumes, uploadVolume } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { describeError, errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { fetchImage } from '../../../images/fetch-image.js';
import { type ResolvedImage, resolveImage } from '../../../images/resolve-image.js';
import { findImageVolumes, printImageFileName } from '../../image-volume.js';
import { type MachineStepContext, machineStep } from '../machine-step.js';

interface Place {
  readonly node: string;
  readonly storage: string;
}

/** A download of the same file that already runs, of a run that was cut off, is waited for: it may well succeed. */
async function settleDownload(context: MachineStepContext, place: Place, filename: string): Promise<void> {
  const tasks = await listTasks(
    context.client,
    { node: place.node, type: 'download', source: 'active' },
    { signal: context.signal },
  );
  for (const task of tasks) {
    if (task.id !== filename || task.status !== 'RUNNING') continue;
    context.report.progress(`waiting for a download that is already running, started by ${task.user}`);
    await awaitTask(context, task.upid, { failing: 'ignore' });
  }
}

/** Lets the node fetch the image. Resolves to false where that cannot work and this machine must do it. */
async function downloadByNode(
  context: MachineStepContext,
  place: Place,
  image: ResolvedImage,
  filename: string,
): Promise<boolean> {
  const { client, report, declared } = context;
  if (image.from.kind !== 'url') return false;
  try {
    report.progress(`${place.node} downloads ${image.from.url}`);
    const upid = await downloadToStorage(client, {
      ...place,
      content: 'import',
      filename,
      url: image.from.url,
      ...(image.checksum === undefined ? {} : { checksum: image.checksum }),
    });
    await awaitTask(
      context,
      upid,
      declared.timeouts.downloadMs === undefined ? {} : { timeoutMs: declared.timeouts.downloadMs },
    );
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'PVE_CHECKSUM') {
      throw new PhoenixError({
        code: 'PHOENIX_IMAGE_CHECKSUM',
        message: `The node's download of ${image.from.url} is not what its publisher's checksum promises: ${describeError(error).message}`,
        hint: 'The file was changed on its way or by its publisher; try again, or another mirror.',
        cause: error,
      });
    }
    if (
      ['PVE_OUTCOME_UNKNOWN', 'PVE_LOCK_TIMEOUT', 'PVE_NODE_OFFLINE', 'PVE_UNREACHABLE', 'PVE_AUTH'].includes(
        code,
      )
    )
      throw error;
    context.signal.throwIfAborted();
    // No right to do so (Sys.AccessNetwork), or no way out of the node's network.
    report.warn(
      `node ${place.node} cannot download the image (${describeError(error).message}); fetching it here`,
    );
    return false;
  }
}

async function uploadFromHere(
  context: MachineStepContext,
  place: Place,
  image: ResolvedImage,
  stem: string,
): Promise<string> {
  const { client, report, signal, limits } = context;
  const from = image.from.kind === 'url' ? image.from.url : image.from.path;
  report.progress(`fetching ${from}`);
  const fetched = await fetchImage(image, signal, (fraction) =>
    report.progress(`fetching ${from}`, fraction),
  );
  try {
    const filename = printImageFileName(stem, image.identity, fetched.format);
    await limits.run([`upload:${place.node}`], async () => {
      report.progress(`uploading ${filename} to ${place.storage}`);
      const upid = await uploadVolume(client, {
        ...place,
        content: 'import',
        filename,
        source: fetched.path,
        onProgress: ({ sentBytes, totalBytes }) =>
          report.progress(
            `uploading ${filename} to ${place.storage}`,
            totalBytes === 0 ? 1 : sentBytes / totalBytes,
          ),
      });
      await awaitTask(context, upid);
    });
    return filename;
  } finally {
    await fetched.dispose();
  }
}

async function listImages(context: MachineStepContext, place: Place): Promise<readonly string[]> {
  const volumes = await listVolumes(
    context.client,
    { ...place, content: 'import' },
    { signal: context.signal },
  );
  return volumes.map((volume) => volume.volid);
}

/**
 * Brings the image to the storage under a name made of its checksum, with the extension that its first bytes demand. One that is there is
 * left alone; when the publisher cannot be asked, the one that is there is used, with a warning.
 */
export const image = machineStep(async (context) => {
  const { declared, action, results, report, signal } = context;
  const reference = declared.image;
  if (reference === undefined) throw new TypeError(`${action.id}: no image declared`);
  const place: Place = { node: String(action.input.node), storage: String(action.input.storage) };
  const stem = String(action.input.stem);
  const finish = (outcome: 'ok' | 'unchanged', volid: string) => {
    results.set(action.id, volid);
    return { outcome } as const;
  };
  let resolved: ResolvedImage;
  try {
    resolved = await resolveImage(reference, signal);
  } catch (error) {
    const present = findImageVolumes(await listImages(context, place), stem).at(-1);
    if (present === undefined || errorCode(error) !== 'PHOENIX_IMAGE_UNREACHABLE') throw error;
    report.warn(`${describeError(error).message} Using ${present}, which is there.`);
    return finish('unchanged', present);
  }
  const format = resolved.format ?? {
    kind: 'disk',
    format: /\.(raw|vmdk)$/i.exec(resolved.title)?.[1]?.toLowerCase() === 'raw' ? 'raw' : 'qcow2',
  };
  if (format.kind === 'not-an-image') {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `${resolved.title} is ${format.title}, not a disk image (qcow2, raw or vmdk).`,
      hint: 'Correct `template_image`.',
    });
  }
  if (resolved.checksum === undefined) report.warn(`${resolved.title} has no checksum and was not verified`);
  const direct =
    format.kind === 'disk'
      ? printImageFileName(
          stem,
          resolved.identity,
          format.format === 'raw' ? 'raw' : format.format === 'vmdk' ? 'vmdk' : 'qcow2',
        )
      : undefined;
  const wanted = (volid: string) =>
    findImageVolumes([volid], stem).length > 0 && volid.includes(resolved.identity.slice(0, 12));
  const before = (await listImages(context, place)).find(wanted);
  if (before !== undefined && !(await isBeingDownloaded(context, place, before)))
    return finish('unchanged', before);
  if (direct !== undefined) {
    await settleDownload(context, place, direct);
    const after = (await listImages(context, place)).find(wanted);
    if (after !== undefined) return finish('ok', after);
    if (await downloadByNode(context, place, resolved, direct))
      return finish('ok', `${place.storage}:import/${direct}`);
  }
  const filename = await uploadFromHere(context, place, resolved, stem);
  return finish('ok', `${place.storage}:import/${filename}`);
});

async function isBeingDownloaded(context: MachineStepContext, place: Place, volid: string): Promise<boolean> {
  const filename = volid.split('/').at(-1);
  const tasks = await listTasks(
    context.client,
    { node: place.node, source: 'active' },
    { signal: context.signal },
  );
  return tasks.some(
    (task) =>
      task.status === 'RUNNING' &&
      (task.type === 'imgcopy' || (task.type === 'download' && task.id === filename)),
  );
}
