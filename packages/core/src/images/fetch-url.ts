import { PhoenixError } from '../errors/phoenix-error.js';

async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers, signal, redirect: 'follow' });
  } catch (error) {
    signal.throwIfAborted();
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE_UNREACHABLE',
      message: `${url} cannot be reached from here: ${cause}.`,
      hint: 'Check the URL and the network, or name a mirror with PHOENIX_IMAGE_MIRROR.',
      cause: error,
      details: { url },
    });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new PhoenixError({
    code: 'PHOENIX_IMAGE_UNREACHABLE',
    message: `${url} answered ${response.status} ${response.statusText}.`,
    hint: 'Check the URL, or name a mirror with PHOENIX_IMAGE_MIRROR.',
    details: { url, status: response.status },
  });
}

/** Fetches a small text, a list of checksums. @throws {PhoenixError} `PHOENIX_IMAGE_UNREACHABLE` */
export async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return (await request(url, {}, AbortSignal.any([signal, AbortSignal.timeout(30_000)]))).text();
}

/** Fetches the first 512 bytes of a file. @throws {PhoenixError} `PHOENIX_IMAGE_UNREACHABLE` */
export async function fetchStart(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const response = await request(
    url,
    { range: 'bytes=0-511' },
    AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  );
  const pieces: Uint8Array[] = [];
  let length = 0;
  // A server that ignores ranges sends the whole file: it is not read on.
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    length += piece.length;
    if (length >= 512) break;
  }
  return new Uint8Array(Buffer.concat(pieces).subarray(0, 512));
}

/** Opens a file for reading. @throws {PhoenixError} `PHOENIX_IMAGE_UNREACHABLE` */
export async function openUrl(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly bytes?: number; readonly stream: AsyncIterable<Uint8Array> }> {
  const response = await request(url, {}, signal);
  const length = Number(response.headers.get('content-length'));
  const stream: AsyncIterable<Uint8Array> = response.body ?? (async function* () {})();
  return Number.isFinite(length) && length > 0 ? { bytes: length, stream } : { stream };
}
