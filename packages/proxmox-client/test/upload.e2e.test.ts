import { createHash } from 'node:crypto';
import { once as onceEvent } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createProxmoxClient,
  deleteVolume,
  downloadToStorage,
  type ProxmoxClient,
  type UploadSource,
  uploadVolume,
} from '../src/index.js';
import { type AnsweringServer, refusal, startAnsweringServer } from './support/answering-server.js';

const UPID = 'UPID:pve:0000A1B2:01234567:65F0A1B2:imgcopy::root@pam!test:';
const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
let server: AnsweringServer;
let client: ProxmoxClient;

beforeEach(async () => {
  server = await startAnsweringServer(({ form }) =>
    form.get('url')?.includes('refuse') ? refusal(500, 'no') : { data: UPID },
  );
  client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret' });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const upload = (source: UploadSource, rest = {}) =>
  uploadVolume(client, {
    node: 'pve',
    storage: 'local',
    content: 'iso',
    filename: 'seed.iso',
    source,
    ...rest,
  });

describe('an upload', () => {
  test('sends the fields in the order that PVE reads them, with the length in advance', async () => {
    await expect(upload(content, { sha256: sha256.toUpperCase() })).resolves.toBe(UPID);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/nodes/pve/storage/local/upload' });
    expect(request?.headers['content-length']).toBe(String(request?.body.byteLength));
    expect(request?.headers).not.toHaveProperty('transfer-encoding');
    const text = request?.body.toString('latin1') ?? '';
    const [, boundary] = /boundary=(\S+)/.exec(request?.headers['content-type'] ?? '') ?? [];
    const parts = text.split(`--${boundary}`);
    expect(parts.map((part) => /name="([^"]+)"/.exec(part)?.[1])).toEqual([
      undefined,
      'content',
      'checksum-algorithm',
      'checksum',
      'filename',
      undefined,
    ]);
    expect(parts[1]).toBe('\r\nContent-Disposition: form-data; name="content"\r\n\r\niso\r\n');
    expect(parts[3]).toContain(sha256);
    expect(parts[4]).toMatch(/^\r\nContent-Disposition: form-data; name="filename"; filename="seed.iso"\r\n/);
    expect(parts[4]).toContain(`\r\n\r\n${content.toString('latin1')}\r\n`);
    expect(parts[5]).toBe('--\r\n');
  });

  test('takes bytes, a file, or a stream of known length, and tells progress and checksum', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'upload-'));
    const file = join(folder, 'seed.iso');
    await writeFile(file, content);
    async function* stream() {
      yield content.subarray(0, 10);
      yield content.subarray(10);
    }
    for (const source of [content, file, { size: content.byteLength, stream: stream() }]) {
      const steps: number[] = [];
      let seen = '';
      await upload(source, {
        onProgress: ({ sentBytes, totalBytes }: { sentBytes: number; totalBytes: number }) => {
          expect(totalBytes).toBe(content.byteLength);
          steps.push(sentBytes);
        },
        onSha256: (digest: string) => {
          seen = digest;
        },
      });
      expect(seen).toBe(sha256);
      expect(steps.at(-1)).toBe(content.byteLength);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    }
    const bodies = server.requests.map(({ body }) => body.includes(content));
    expect(bodies).toEqual([true, true, true]);
    await rm(folder, { recursive: true });
  });

  test('of something else than its checksum says is PVE_CHECKSUM', async () => {
    await expect(upload(content, { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'PVE_CHECKSUM',
      message: expect.stringContaining(sha256),
    });
  });

  test('of a stream that ends early is refused, and nothing is stored', async () => {
    async function* short() {
      yield content.subarray(0, 10);
    }
    await expect(upload({ size: 20, stream: short() })).rejects.toMatchObject({
      code: 'PVE_OPTIONS',
      message: expect.stringContaining('promised 20 bytes and gave 10'),
    });
    expect(server.requests).toEqual([]);
  });

  test('of a file that is not there is said before anything is sent', async () => {
    await expect(upload('/nonexistent/seed.iso')).rejects.toMatchObject({ code: 'PVE_OPTIONS' });
    expect(server.requests).toEqual([]);
  });

  test('that the server breaks off stored nothing, and the hint names the privilege', async () => {
    const rude = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.resetAndDestroy());
    });
    rude.listen(0, '127.0.0.1');
    await onceEvent(rude, 'listening');
    const { port } = rude.address() as AddressInfo;
    const other = createProxmoxClient({ url: `http://127.0.0.1:${port}`, token: 'root@pam!test=secret' });
    const large = { size: 50_000_000, stream: pieces(50_000_000) };
    await expect(
      uploadVolume(other, {
        node: 'pve',
        storage: 'local',
        content: 'iso',
        filename: 'x.iso',
        source: large,
      }),
    ).rejects.toMatchObject({
      code: 'PVE_UNREACHABLE',
      hint: expect.stringContaining('Datastore.AllocateTemplate on /storage/local'),
    });
    await other.close();
    rude.close();
  });

  test('to a dead endpoint goes to the next, since nothing of it was read', async () => {
    const dead = await startAnsweringServer(() => ({ data: null }));
    await dead.close();
    const two = createProxmoxClient({ url: [dead.url, server.url], token: 'root@pam!test=secret' });
    await uploadVolume(two, {
      node: 'pve',
      storage: 'local',
      content: 'iso',
      filename: 'x.iso',
      source: { size: content.byteLength, stream: once() },
    });
    expect(server.requests[0]?.body.includes(content)).toBe(true);
    await two.close();
    async function* once() {
      yield content;
    }
  });

  test('can be aborted', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const sending = upload(
      {
        size: 50_000_000,
        stream: pieces(50_000_000, (sent) => sent > 1_000_000 && controller.abort(reason)),
      },
      { signal: controller.signal },
    );
    await expect(sending).rejects.toBe(reason);
  });
});

describe('other transfers', () => {
  test('a download by the node carries its checksum', async () => {
    await downloadToStorage(client, {
      node: 'pve',
      storage: 'local',
      content: 'import',
      filename: 'noble.qcow2',
      url: 'https://images.example/noble.img',
      checksum: { algorithm: 'sha256', value: sha256 },
    });
    expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
      content: 'import',
      filename: 'noble.qcow2',
      url: 'https://images.example/noble.img',
      checksum: sha256,
      'checksum-algorithm': 'sha256',
    });
  });

  test('a volume is deleted by its id', async () => {
    await deleteVolume(client, { node: 'pve', volid: 'local:iso/seed.iso' });
    expect(decodeURIComponent(server.requests[0]?.path ?? '')).toBe(
      '/nodes/pve/storage/local/content/local:iso/seed.iso',
    );
  });
});

async function* pieces(bytes: number, onPiece?: (sent: number) => void): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(65_536);
  for (let sent = 0; sent < bytes; sent += piece.byteLength) {
    yield piece.subarray(0, bytes - sent);
    onPiece?.(sent);
  }
}
