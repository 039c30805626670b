import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ImageChecksum, ImageReference } from '../config/model.js';
import { describeError } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { digestOfUrl } from '../kinds/image-volume.js';
import { detectImageFormat, type ImageFormat } from './detect-image-format.js';
import { fetchStart, fetchText } from './fetch-url.js';
import { findChecksum } from './find-checksum.js';

/** An image as it is published now. */
export interface ResolvedImage {
  readonly title: string;
  readonly from:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'path'; readonly path: string };
  /** Absent where the publisher gives none. */
  readonly checksum?: ImageChecksum;
  /** What the volume is named by: the checksum, else a digest of the URL. */
  readonly identity: string;
  /** Absent where the start of the image cannot be read from here. */
  readonly format?: ImageFormat;
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(512);
    const { bytesRead } = await file.read(buffer, 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

async function resolvePath(path: string): Promise<ResolvedImage> {
  try {
    const value = await hashFile(path);
    return {
      title: path,
      from: { kind: 'path', path },
      checksum: { algorithm: 'sha256', value },
      identity: value,
      format: detectImageFormat(await readStart(path)),
    };
  } catch (error) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE_UNREACHABLE',
      message: `The image ${path} cannot be read: ${describeError(error).message}.`,
      hint: 'Correct `template_image`: a path is read on the machine that runs Phoenix.',
      cause: error,
      details: { path },
    });
  }
}

async function publishedChecksum(
  reference: ImageReference,
  signal: AbortSignal,
): Promise<ImageChecksum | undefined> {
  if (reference.kind === 'url') return reference.checksum;
  if (reference.kind !== 'catalogue') return undefined;
  const { checksum, checksumAlgorithm = 'sha256', checksumUrl, fileName } = reference.image;
  if (checksum !== undefined) return { algorithm: checksumAlgorithm, value: checksum };
  if (checksumUrl === undefined) return undefined;
  const value = findChecksum(await fetchText(checksumUrl, signal), fileName, checksumAlgorithm);
  if (value !== undefined) return { algorithm: checksumAlgorithm, value };
  throw new PhoenixError({
    code: 'PHOENIX_IMAGE_CHECKSUM',
    message: `${checksumUrl} has no ${checksumAlgorithm} checksum of ${fileName}.`,
    hint: 'Check `images` in the configuration, or the mirror.',
    details: { url: checksumUrl },
  });
}

/**
 * Finds out what an image is now: its checksum from the publisher's list, its format from its first bytes.
 * @throws {PhoenixError} `PHOENIX_IMAGE_UNREACHABLE`, `PHOENIX_IMAGE_CHECKSUM`, `PHOENIX_IMAGE` for something that is no disk image
 */
export async function resolveImage(reference: ImageReference, signal: AbortSignal): Promise<ResolvedImage> {
  if (reference.kind === 'path') return resolvePath(reference.path);
  if (reference.kind !== 'catalogue' && reference.kind !== 'url')
    throw new TypeError(`no image to resolve: ${reference.kind}`);
  const url = reference.kind === 'catalogue' ? reference.image.url : reference.url;
  const title = reference.kind === 'catalogue' ? reference.image.fileName : reference.url;
  const checksum = await publishedChecksum(reference, signal);
  let format: ImageFormat | undefined;
  try {
    format = detectImageFormat(await fetchStart(url, signal));
  } catch (error) {
    signal.throwIfAborted();
    // The node may reach what this machine does not.
    if (checksum === undefined) throw error;
  }
  return {
    title,
    from: { kind: 'url', url },
    identity: checksum?.value ?? digestOfUrl(url),
    ...(checksum === undefined ? {} : { checksum }),
    ...(format === undefined ? {} : { format }),
  };
}
