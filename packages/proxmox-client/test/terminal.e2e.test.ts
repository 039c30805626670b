import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  createProxmoxClient,
  fetchFingerprint,
  openTerminal,
  type ProxmoxClient,
  type ProxmoxClientOptions,
} from '../src/index.js';
import { readCertificate } from './support/answering-server.js';

const TICKET = 'PVEVNC:6B03D315::tE3i+VD/Ks==';
const UPID = 'UPID:pve:00001B60:000E0F85:6B03D315:vncproxy:650:root@pam!test:';
let server: Server;
let client: ProxmoxClient;

afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

/** A node whose terminals are told by `serve` what to say after the line of identification. */
async function connect(
  serve: (socket: WebSocket, line: string) => void,
  upgrade: 'accept' | 'silence' | string = 'accept',
  who: Pick<ProxmoxClientOptions, 'token' | 'ticket'> = { token: 'root@pam!test=secret' },
): Promise<string[]> {
  const seen: string[] = [];
  server = createServer(readCertificate('localhost'), (request, response) => {
    const { cookie, csrfpreventiontoken } = request.headers;
    seen.push(`${request.method} ${request.url}${cookie ? ` ${cookie} ${csrfpreventiontoken}` : ''}`);
    if (request.url === '/api2/json/access/ticket') {
      response.end(JSON.stringify({ data: { ticket: 'PVE:me@pam:1', CSRFPreventionToken: 'csrf' } }));
      return;
    }
    response.end(
      JSON.stringify({ data: { user: 'root@pam!test', ticket: TICKET, port: '5900', upid: UPID } }),
    );
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers.authorization ?? request.headers.cookie} ${request.headers['sec-websocket-protocol']}`,
    );
    if (upgrade === 'silence') return;
    if (upgrade !== 'accept')
      return socket.end(`HTTP/1.1 ${upgrade}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.once('message', (line) => {
        opened.on('message', (frame) => seen.push(String(frame)));
        serve(opened, String(line));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port });
  client = createProxmoxClient({
    url: `https://127.0.0.1:${port}`,
    fingerprint,
    ...who,
  });
  return seen;
}

const guest = { kind: 'lxc', node: 'pve', vmid: 650 } as const;

describe('a terminal', () => {
  test('opens with the ticket of its port, and says how large it is', async () => {
    let line = '';
    const seen = await connect((socket, said) => {
      line = said;
      socket.send('OK');
      socket.once('message', () => socket.close());
    });
    const terminal = await openTerminal(client, { ...guest, columns: 132, rows: 43 });
    for await (const bytes of terminal.output) expect(bytes.byteLength).toBeGreaterThan(0);
    expect(line).toBe(`root@pam!test:${TICKET}\n`);
    expect(terminal.upid).toBe(UPID);
    expect(seen).toEqual([
      'POST /api2/json/nodes/pve/lxc/650/termproxy',
      `GET /api2/json/nodes/pve/lxc/650/vncwebsocket?port=5900&vncticket=${encodeURIComponent(TICKET)} PVEAPIToken=root@pam!test=secret binary`,
      '1:132:43:',
    ]);
  });

  test('opens for a user who logged in: cookie and CSRF token for the port, cookie for the websocket', async () => {
    const seen = await connect(
      (socket) => {
        socket.send('OK');
        socket.once('message', () => socket.close());
      },
      'accept',
      { ticket: { username: 'me@pam', password: 'correct horse' } },
    );
    const terminal = await openTerminal(client, guest);
    for await (const bytes of terminal.output) expect(bytes.byteLength).toBeGreaterThan(0);
    const cookie = 'PVEAuthCookie=PVE%3Ame%40pam%3A1';
    expect(seen).toEqual([
      'POST /api2/json/access/ticket',
      `POST /api2/json/nodes/pve/lxc/650/termproxy ${cookie} csrf`,
      `GET /api2/json/nodes/pve/lxc/650/vncwebsocket?port=5900&vncticket=${encodeURIComponent(TICKET)} ${cookie} binary`,
      '1:80:24:',
    ]);
  });

  test('carries bytes of any kind and length both ways', async () => {
    const received: Buffer[] = [];
    let wanted = 0;
    await connect((socket) => {
      socket.send(Buffer.from('OKwelcome\r\n'));
      socket.on('message', (frame: Buffer) => {
        const [, length, start] = /^0:(\d+):/.exec(frame.subarray(0, 16).toString('latin1'))
          ? [0, Number(/^0:(\d+):/.exec(frame.toString('latin1'))?.[1]), frame.indexOf(':', 2) + 1]
          : [];
        if (length === undefined || start === undefined) return;
        expect(frame.byteLength).toBeLessThanOrEqual(131_072);
        const bytes = frame.subarray(start);
        expect(bytes.byteLength).toBe(length);
        received.push(bytes);
        socket.send(bytes);
        if (received.reduce((sum, piece) => sum + piece.byteLength, 0) === wanted) socket.close();
      });
    });
    const sent = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 13) % 256));
    wanted = sent.byteLength + Buffer.byteLength('ü\n');
    const terminal = await openTerminal(client, guest);
    await terminal.write(sent);
    await terminal.write('ü\n');
    const output: Uint8Array[] = [];
    for await (const bytes of terminal.output) output.push(bytes);
    const all = Buffer.concat([sent, Buffer.from('ü\n')]);
    expect(Buffer.concat(received).equals(all)).toBe(true);
    expect(Buffer.concat(output).equals(Buffer.concat([Buffer.from('welcome\r\n'), all]))).toBe(true);
  });

  test('that does not say OK is PVE_TERMINAL', async () => {
    await connect((socket) => socket.close());
    await expect(openTerminal(client, guest)).rejects.toMatchObject({
      code: 'PVE_TERMINAL',
      message: expect.stringContaining('lxc/650'),
    });
  });

  test.each([
    ['401 permission denied - invalid PVEVNC ticket', 'PVE_AUTH'],
    ['403 Permission check failed (/vms/650, VM.Console)', 'PVE_PERMISSION'],
    ['200 OK', 'PVE_ANSWER'],
  ])('refused with %s is %s', async (status, code) => {
    await connect(() => {}, status);
    await expect(openTerminal(client, guest)).rejects.toMatchObject({ code });
  });

  test('answers pings, and ends when it is closed', async () => {
    let ponged = false;
    await connect((socket) => {
      socket.send('OK');
      socket.ping();
      socket.once('pong', () => {
        ponged = true;
        socket.send('after');
      });
    });
    const terminal = await openTerminal(client, guest);
    for await (const bytes of terminal.output) {
      expect(Buffer.from(bytes).toString()).toBe('after');
      terminal.close();
    }
    expect(ponged).toBe(true);
    await expect(terminal.write('x')).rejects.toMatchObject({ code: 'PVE_TERMINAL' });
  });

  test('is given up by its signal while it is being opened', async () => {
    const seen = await connect(() => {}, 'silence');
    const controller = new AbortController();
    const reason = new Error('enough');
    const opening = openTerminal(client, { ...guest, signal: controller.signal });
    await expect.poll(() => seen.length).toBe(2);
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect(openTerminal(client, { ...guest, signal: controller.signal })).rejects.toBe(reason);
  });

  test('that nobody opens in time is PVE_TERMINAL', async () => {
    await connect(() => {}, 'silence', { token: 'root@pam!test=secret' });
    await client.close();
    const { port } = server.address() as AddressInfo;
    client = createProxmoxClient({
      url: `https://127.0.0.1:${port}`,
      token: 'root@pam!test=secret',
      fingerprint: (await fetchFingerprint({ host: '127.0.0.1', port })).fingerprint,
      deadlines: { terminal: 40 },
    });
    await expect(openTerminal(client, guest)).rejects.toMatchObject({ code: 'PVE_TERMINAL' });
  });

  test('is cut by its signal', async () => {
    await connect((socket) => socket.send('OK'));
    const controller = new AbortController();
    const reason = new Error('enough');
    const terminal = await openTerminal(client, { ...guest, signal: controller.signal });
    const reading = (async () => {
      for await (const bytes of terminal.output) expect.unreachable(String(bytes));
    })();
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});
