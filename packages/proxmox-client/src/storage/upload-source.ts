import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ProxmoxError } from '../errors/proxmox-error.js';

/** The path of a file, bytes in memory, or a stream of known length. */
export type UploadSource =
  | string
  | Uint8Array
  | { readonly size: number; readonly stream: AsyncIterable<Uint8Array> };

/** Small on purpose: pieces wait for the garbage collector by their number, so their size decides how much memory that is. */
const CHUNK = 8_192;

/** Finds the length of a source and opens it; a file is opened when its first piece is asked for. */
export async function openSource(
  source: UploadSource,
): Promise<{ readonly size: number; readonly chunks: AsyncIterable<Uint8Array> }> {
  if (source instanceof Uint8Array) return { size: source.byteLength, chunks: piecesOf(source) };
  if (typeof source === 'object') return { size: source.size, chunks: source.stream };
  const { size } = await stat(source).catch((cause: unknown) => {
    throw new ProxmoxError('PVE_OPTIONS', `expected a readable file to upload, got ${source}`, { cause });
  });
  return { size, chunks: createReadStream(source, { highWaterMark: CHUNK }) };
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += CHUNK)
    yield bytes.subarray(offset, offset + CHUNK);
}
