import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PhoenixError } from '../errors/phoenix-error.js';
import { detectImageFormat } from './detect-image-format.js';
import { openUrl } from './fetch-url.js';
import type { ResolvedImage } from './resolve-image.js';

/** An image on this machine, verified and unpacked. */
export interface FetchedImage {
  readonly path: string;
  readonly format: 'qcow2' | 'raw' | 'vmdk';
  /** Removes what was fetched. */
  dispose(): Promise<void>;
}

async function startOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(512);
    const { bytesRead } = await file.read(buffer, 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function notAnImage(image: ResolvedImage, what: string): PhoenixError {
  return new PhoenixError({
    code: 'PHOENIX_IMAGE',
    message: `${image.title} is ${what}, not a disk image (qcow2, raw or vmdk).`,
    hint: 'Correct `template_image`; unpack compressed images other than .gz yourself and name the file.',
  });
}

/**
 * Brings an image to this machine: fetches it, compares its checksum, tells its format by its bytes, unpacks gzip.
 * @throws {PhoenixError} `PHOENIX_IMAGE_CHECKSUM`, `PHOENIX_IMAGE`, `PHOENIX_IMAGE_UNREACHABLE`
 */
export async function fetchImage(
  image: ResolvedImage,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<FetchedImage> {
  const directory = await mkdtemp(join(tmpdir(), 'phoenix-image-'));
  const dispose = () => rm(directory, { recursive: true, force: true });
  try {
    let path = image.from.kind === 'path' ? image.from.path : join(directory, 'fetched');
    if (image.from.kind === 'url') await download(image, image.from.url, path, signal, onProgress);
    let format = detectImageFormat(await startOf(path));
    if (format.kind === 'compressed' && format.by === 'gzip') {
      const unpacked = join(directory, 'unpacked');
      await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked), { signal });
      path = unpacked;
      format = detectImageFormat(await startOf(path));
    }
    if (format.kind === 'compressed') throw notAnImage(image, `compressed with ${format.by}`);
    if (format.kind === 'not-an-image') throw notAnImage(image, format.title);
    return { path, format: format.format, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function download(
  image: ResolvedImage,
  url: string,
  path: string,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const { bytes, stream } = await openUrl(url, signal);
  const hash = createHash(image.checksum?.algorithm ?? 'sha256');
  let received = 0;
  await pipeline(
    async function* () {
      for await (const piece of stream) {
        hash.update(piece);
        received += piece.length;
        if (bytes !== undefined) onProgress(received / bytes);
        yield piece;
      }
    },
    createWriteStream(path),
    { signal },
  );
  const got = hash.digest('hex');
  if (image.checksum !== undefined && got !== image.checksum.value.toLowerCase()) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE_CHECKSUM',
      message: `${url} has the ${image.checksum.algorithm} checksum ${got}, expected was ${image.checksum.value}.`,
      hint: 'The file was changed on its way or by its publisher; try again, or another mirror.',
      details: { url },
    });
  }
}
