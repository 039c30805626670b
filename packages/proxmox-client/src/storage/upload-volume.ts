import { createHash, randomBytes } from 'node:crypto';
import type { ProxmoxClient } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { readEnvelope } from '../wire/read-envelope.js';
import { openSource, type UploadSource } from './upload-source.js';

/** What to upload, and where to. */
export interface Upload {
  /** Send it to the endpoint of this node if there is one: PVE spools uploads on the node that takes the call, and copies from there. */
  readonly node: string;
  readonly storage: string;
  readonly content: 'iso' | 'vztmpl' | 'import';
  /** Name on the storage. PVE replaces characters other than letters, digits, `.`, `_` and `-`; of `import` the ending decides the format. */
  readonly filename: string;
  readonly source: UploadSource;
  /** In hexadecimal; PVE compares it with what arrived and fails the task when they differ. */
  readonly sha256?: string;
  readonly onProgress?: (progress: { readonly sentBytes: number; readonly totalBytes: number }) => void;
  /** Gets the SHA-256 of what was sent, in hexadecimal. */
  readonly onSha256?: (sha256: string) => void;
  readonly signal?: AbortSignal;
  /** Gives up when PVE takes nothing for so long, in milliseconds; default: the client's deadline for uploads, 120 000. */
  readonly stallTimeoutMs?: number;
}

/**
 * Uploads a file to a storage, as a stream in constant memory, and computes its SHA-256 on the way. An existing file of this name is
 * replaced without a word.
 * PVE wants the length in advance and the fields in one order: content, checksum-algorithm, checksum, and the file last
 * (pve-http-server AnyEvent.pm file_upload_multipart).
 * @returns the UPID of the task that moves the file into place
 * @throws ProxmoxError PVE_PERMISSION, PVE_PARAMETER, PVE_STORAGE; PVE_CHECKSUM when the source is not what `sha256` says, in which case
 * PVE's task fails too; PVE_UNREACHABLE when PVE broke off before everything was sent: nothing is stored then
 */
export async function uploadVolume(client: ProxmoxClient, upload: Upload): Promise<string> {
  const { node, storage, content, filename, sha256, signal } = upload;
  const source = await openSource(upload.source);
  const boundary = `----proxmox-client-${randomBytes(12).toString('hex')}`;
  const fields = {
    content,
    ...(sha256 === undefined ? {} : { 'checksum-algorithm': 'sha256', checksum: sha256.toLowerCase() }),
  };
  const head = Buffer.from(
    Object.entries(fields)
      .map(
        ([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      .join('') +
      `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${quotable(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const sent = { bytes: 0, complete: false, sha256: '' };
  const path = `/nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(storage)}/upload`;
  try {
    const answer = await client.send({
      method: 'POST',
      path,
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': String(head.byteLength + source.size + tail.byteLength),
      },
      body: multipart(head, source, tail, upload, sent),
      timeoutMs: upload.stallTimeoutMs ?? client.deadlines.upload,
      ...(signal ? { signal } : {}),
    });
    upload.onSha256?.(sent.sha256);
    if (sha256 !== undefined && sent.sha256 !== sha256.toLowerCase()) {
      throw new ProxmoxError(
        'PVE_CHECKSUM',
        `${filename}: expected SHA-256 ${sha256}, the source has ${sent.sha256}`,
      );
    }
    return String(readEnvelope(answer, 'POST', path).data);
  } catch (error) {
    throw explain(error, sent, upload);
  }
}

async function* multipart(
  head: Uint8Array,
  source: { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> },
  tail: Uint8Array,
  { onProgress }: Upload,
  sent: { bytes: number; complete: boolean; sha256: string },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  yield head;
  for await (const chunk of source.chunks) {
    hash.update(chunk);
    yield chunk;
    sent.bytes += chunk.byteLength;
    onProgress?.({ sentBytes: sent.bytes, totalBytes: source.size });
  }
  if (sent.bytes !== source.size) {
    throw new ProxmoxError('PVE_OPTIONS', `the source promised ${source.size} bytes and gave ${sent.bytes}`);
  }
  sent.sha256 = hash.digest('hex');
  yield tail;
  sent.complete = true;
}

/** What PVE's parser takes between quotes; it would sanitise the name anyway. */
function quotable(filename: string): string {
  return filename.replace(/[^\x20-\x7e]|["\\/]/g, '_');
}

function explain(
  error: unknown,
  sent: { readonly complete: boolean },
  { storage, filename }: Upload,
): unknown {
  if (!(error instanceof ProxmoxError) || error.code !== 'PVE_OUTCOME_UNKNOWN' || sent.complete) return error;
  if (error.cause instanceof ProxmoxError) return error.cause;
  return new ProxmoxError(
    'PVE_UNREACHABLE',
    `${filename} was not stored: the server broke the upload off before it was whole`,
    {
      ...(error.endpoint === undefined ? {} : { endpoint: error.endpoint }),
      hint: `Proxmox VE does so without a word when the token lacks Datastore.AllocateTemplate on /storage/${storage}.`,
      cause: error,
    },
  );
}
