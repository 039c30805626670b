import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { globalAgent } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getGlobalDispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createProxmoxClient,
  fetchFingerprint,
  getVersion,
  type ProxmoxClientOptions,
} from '../src/index.js';
import { type AnsweringServer, readCertificate, startAnsweringServer } from './support/answering-server.js';

const VERSION = { data: { version: '9.2.11', release: '9.2', repoid: 'abc' } };
let server: AnsweringServer;
let stranger: AnsweringServer;
let fingerprint: string;

beforeAll(async () => {
  server = await startAnsweringServer(() => VERSION, { certificate: 'localhost' });
  stranger = await startAnsweringServer(() => VERSION, { certificate: 'stranger' });
  ({ fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port: server.port }));
});

afterAll(async () => {
  await server.close();
  await stranger.close();
});

async function ask(
  options: Omit<ProxmoxClientOptions, 'token' | 'url'> & { readonly url?: ProxmoxClientOptions['url'] },
): Promise<string> {
  const client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret', ...options });
  try {
    return (await getVersion(client)).release;
  } finally {
    await client.close();
  }
}

describe('trust', () => {
  test('the pinned certificate is accepted, in every spelling of its fingerprint', async () => {
    for (const pin of [
      fingerprint,
      fingerprint.toLowerCase(),
      fingerprint.replaceAll(':', ''),
      [fingerprint],
      { '127.0.0.1': fingerprint },
    ]) {
      await expect(ask({ fingerprint: pin })).resolves.toBe('9.2');
    }
  });

  test('another certificate of the same name is refused before a request is sent', async () => {
    await expect(ask({ url: stranger.url, fingerprint })).rejects.toMatchObject({
      code: 'PVE_TLS_FINGERPRINT',
      expectedFingerprints: [fingerprint],
      actualFingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    });
    expect(stranger.requests).toEqual([]);
  });

  test('a pin counts although insecure is set', async () => {
    await expect(ask({ url: stranger.url, fingerprint, insecure: true })).rejects.toMatchObject({
      code: 'PVE_TLS_FINGERPRINT',
    });
  });

  test('a certificate that nobody vouches for is refused', async () => {
    await expect(ask({})).rejects.toMatchObject({ code: 'PVE_TLS' });
  });

  test('a CA vouches for its own and nobody else', async () => {
    const { cert } = readCertificate('localhost');
    await expect(ask({ ca: cert })).resolves.toBe('9.2');
    await expect(ask({ url: stranger.url, ca: cert })).rejects.toMatchObject({ code: 'PVE_TLS' });
  });

  test('each host has its own pin, also when one is left for the other', async () => {
    const away = await startAnsweringServer(() => VERSION, { certificate: 'stranger' });
    await away.close();
    const strangers = await fetchFingerprint({ host: '127.0.0.1', port: stranger.port });
    const url = [away.url, `https://localhost:${server.port}`];
    const fingerprints = { '127.0.0.1': strangers.fingerprint, localhost: fingerprint };
    await expect(ask({ url, fingerprint: fingerprints })).resolves.toBe('9.2');
    await expect(ask({ url: stranger.url, fingerprint: fingerprints })).resolves.toBe('9.2');
    const swapped = { '127.0.0.1': fingerprint, localhost: strangers.fingerprint };
    await expect(ask({ url, fingerprint: swapped })).rejects.toMatchObject({ code: 'PVE_TLS_FINGERPRINT' });
  });

  test('a host without a pin of its own is judged by the CA, and not let in by the pin of another', async () => {
    const { cert } = readCertificate('localhost');
    const others = { 'pve2.example': fingerprint };
    await expect(ask({ fingerprint: others })).rejects.toMatchObject({ code: 'PVE_TLS' });
    await expect(ask({ fingerprint: others, ca: cert })).resolves.toBe('9.2');
  });

  test('the CA may stand in a file, and what is no certificate is said so', async () => {
    const caFile = fileURLToPath(new URL('support/localhost.pem', import.meta.url));
    await expect(ask({ caFile })).resolves.toBe('9.2');
    const { cert } = readCertificate('localhost');
    for (const ca of ['no certificate', cert.replace('M', '?'), [cert, '']]) {
      await expect(ask({ ca })).rejects.toMatchObject({ code: 'PVE_OPTIONS' });
    }
  });

  test('nothing of the process is changed', async () => {
    const dispatcher = getGlobalDispatcher();
    const { env } = process;
    const before = { ...env };
    await ask({ fingerprint });
    expect(getGlobalDispatcher()).toBe(dispatcher);
    expect({ ...env }).toEqual(before);
    expect(globalAgent.options.rejectUnauthorized).toBeUndefined();
  });

  test('insecure works and is loud', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await expect(ask({ insecure: true })).resolves.toBe('9.2');
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('not checked'),
      expect.objectContaining({ code: 'PVE_TLS_INSECURE' }),
    );
    warn.mockRestore();
  });

  test('sessions are resumed behind a pin, and a stranger at the same address is still refused', async () => {
    const first = await startAnsweringServer(
      () => ({ status: 200, reason: 'OK', headers: { connection: 'close' }, body: JSON.stringify(VERSION) }),
      { certificate: 'localhost' },
    );
    const client = createProxmoxClient({
      url: first.url,
      token: 'root@pam!test=secret',
      fingerprint,
      retries: 0,
    });
    for (let call = 0; call < 3; call++) await getVersion(client);
    await first.close();
    const impostor = await startAnsweringServer(() => VERSION, { certificate: 'stranger', port: first.port });
    await expect(getVersion(client)).rejects.toMatchObject({ code: 'PVE_TLS_FINGERPRINT' });
    expect(impostor.requests).toEqual([]);
    await client.close();
    await impostor.close();
  });
});

describe('a proxy', () => {
  let proxy: Server;
  const tunnels: { target: string | undefined; credentials: string | undefined }[] = [];

  beforeAll(async () => {
    proxy = createServer();
    proxy.on('connect', (request, socket) => {
      tunnels.push({ target: request.url, credentials: request.headers['proxy-authorization'] });
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connectTcp(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on('error', () => end.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });

  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  test('calls go through its tunnel, and the pin holds at the far end', async () => {
    const { port } = proxy.address() as AddressInfo;
    await expect(ask({ fingerprint, proxy: `http://me:p%40ss@127.0.0.1:${port}` })).resolves.toBe('9.2');
    expect(tunnels).toEqual([
      {
        target: `127.0.0.1:${server.port}`,
        credentials: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      },
    ]);
    await expect(
      ask({ url: stranger.url, fingerprint, proxy: `http://127.0.0.1:${port}` }),
    ).rejects.toMatchObject({ code: 'PVE_TLS_FINGERPRINT' });
  });

  test('a proxy that is not there is said so', async () => {
    await expect(ask({ fingerprint, proxy: 'http://127.0.0.1:1', retries: 0 })).rejects.toMatchObject({
      code: 'PVE_UNREACHABLE',
      message: expect.stringContaining('proxy'),
    });
  });
});
