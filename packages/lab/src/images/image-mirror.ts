import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { applianceBytes } from './appliance-index.js';
import { createEmptyQcow2 } from './empty-qcow2.js';
import { IMAGE_CATALOGUE } from './image-catalogue.js';

/** An image to serve instead of the made-up one: its bytes, or a file. */
export type MirrorImage = { readonly bytes: Uint8Array } | { readonly path: string };

/** A plain HTTP server of cloud images, for the node's `download-url` and for clients that fetch images themselves. */
export interface ImageMirror {
  /** `http://127.0.0.1:PORT/images/`. */
  readonly url: string;
  /** Serves this image under a name, in place of what was there. */
  put(filename: string, image: MirrorImage): void;
  close(): Promise<void>;
}

/**
 * Serves small images under the names of the catalogue and container templates under those of Proxmox VE's index, with `SHA256SUMS` and `SHA512SUMS`. Whatever directories stand before a file's name are ignored, so
 * that an upstream path works too. Images are made when asked for.
 */
export async function startImageMirror({ port = 0, made = true } = {}): Promise<ImageMirror> {
  const images = new Map<string, MirrorImage>();
  const digests = new Map<string, string>();

  const imageOf = (filename: string): MirrorImage | undefined => {
    const known = images.get(filename);
    if (known !== undefined) return known;
    const template = applianceBytes(filename);
    if (template !== undefined && made) return { bytes: template };
    const entry = IMAGE_CATALOGUE.find((image) => image.filename === filename);
    if (entry === undefined || !made) return undefined;
    const image = { bytes: createEmptyQcow2(entry.virtualBytes, entry.label) };
    images.set(filename, image);
    return image;
  };
  const digestOf = async (filename: string, algorithm: string): Promise<string> => {
    const key = `${algorithm} ${filename}`;
    const known = digests.get(key);
    if (known !== undefined) return known;
    const image = imageOf(filename);
    const hash = createHash(algorithm);
    if (image !== undefined && 'bytes' in image) hash.update(image.bytes);
    else if (image !== undefined) for await (const chunk of createReadStream(image.path)) hash.update(chunk);
    const digest = hash.digest('hex');
    digests.set(key, digest);
    return digest;
  };
  const sums = async (algorithm: string): Promise<string> => {
    const names = [
      ...new Set([...(made ? IMAGE_CATALOGUE.map((image) => image.filename) : []), ...images.keys()]),
    ].sort();
    const lines: string[] = [];
    for (const name of names) lines.push(`${await digestOf(name, algorithm)} *${name}\n`);
    return lines.join('');
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = decodeURIComponent((request.url ?? '/').split('?')[0]?.split('/').at(-1) ?? '');
    const listed = /^SHA(256|512)SUMS$/.exec(name)?.[1];
    if (listed !== undefined) {
      const text = await sums(`sha${listed}`);
      response
        .writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text) })
        .end(request.method === 'HEAD' ? undefined : text);
      return;
    }
    const image = imageOf(name);
    if (image === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not Found\n');
      return;
    }
    if ('path' in image) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      if (request.method === 'HEAD') response.end();
      else createReadStream(image.path).pipe(response);
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': image.bytes.byteLength,
    });
    response.end(request.method === 'HEAD' ? undefined : image.bytes);
  };
  const server = createServer((request, response) => {
    // A malformed address or a file that is gone ends this answer, not the lab.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  const address = server.address();
  const chosen = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${chosen}/images/`,
    put: (filename, image) => {
      images.set(filename, image);
      digests.delete(`sha256 ${filename}`);
      digests.delete(`sha512 ${filename}`);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
