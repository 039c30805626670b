import { afterEach, describe, expect, test } from 'vitest';
import {
  agentPing,
  createProxmoxClient,
  getVersion,
  nextVmid,
  type ProxmoxClient,
  type ProxmoxClientOptions,
  startGuest,
  updateGuestConfig,
  uploadVolume,
} from '../src/index.js';
import {
  type AnsweringServer,
  type Reply,
  refusal,
  type SeenRequest,
  startAnsweringServer,
} from './support/answering-server.js';

const TOKEN = 'root@pam!test=secret-of-the-token';
const VERSION = { data: { version: '9.2.11', release: '9.2', repoid: 'abc' } };
const guest = { kind: 'qemu', node: 'pve', vmid: 100 } as const;
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function serve(answer: (request: SeenRequest, count: number) => Reply): Promise<AnsweringServer> {
  const server = await startAnsweringServer(answer);
  opened.push(server);
  return server;
}

function connect(options: ProxmoxClientOptions): ProxmoxClient {
  const client = createProxmoxClient({ token: TOKEN, ...options });
  opened.push(client);
  return client;
}

/** An address at which nobody listens. */
async function deadUrl(): Promise<string> {
  const server = await startAnsweringServer(() => VERSION);
  await server.close();
  return server.url;
}

describe('what is sent', () => {
  test('parameters go into path, query and body as PVE wants them', async () => {
    const server = await serve(() => ({ data: null }));
    const client = connect({ url: server.url });
    await updateGuestConfig(client, {
      ...guest,
      set: {
        net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
        boot: 'order=scsi0;net0',
        onboot: true,
        description: 'a + b & ü',
      },
      delete: ['ide2', 'tags'],
      digest: 'abc',
    });
    await client.request('GET /nodes/{node}/storage/{storage}/content', {
      node: 'pve',
      storage: 'local',
      content: 'iso',
      vmid: 100,
    });
    const [put, get] = server.requests;
    expect(put).toMatchObject({ method: 'PUT', path: '/nodes/pve/qemu/100/config' });
    expect(Object.fromEntries(put?.form ?? [])).toEqual({
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
      boot: 'order=scsi0;net0',
      onboot: '1',
      description: 'a + b & ü',
      delete: 'ide2,tags',
      digest: 'abc',
    });
    expect(put?.body.toString()).not.toMatch(/[ +;]/);
    expect(put?.headers.authorization).toBe(`PVEAPIToken=${TOKEN}`);
    expect(get?.body.byteLength).toBe(0);
    expect(Object.fromEntries(get?.query ?? [])).toEqual({ content: 'iso', vmid: '100' });
  });

  test('wrong parameters are refused before anything is sent, all at once', async () => {
    const server = await serve(() => VERSION);
    const client = connect({ url: server.url });
    const bad = updateGuestConfig(client, {
      ...guest,
      set: { cores: 0, nosuch: 1, net32: 'virtio', bios: 'uefi', onboot: 'yes' },
    });
    await expect(bad).rejects.toMatchObject({
      code: 'PVE_PARAMETER',
      errors: {
        cores: 'value must have a minimum value of 1',
        nosuch: expect.stringContaining('not defined in schema'),
        net32: expect.stringContaining('not defined in schema'),
        bios: expect.stringContaining('enumeration'),
        onboot: "type check ('boolean') failed - got 'yes'",
      },
    });
    expect(server.requests).toEqual([]);
  });

  test('the check can be left to the server', async () => {
    const server = await serve(() => ({ data: null }));
    const client = connect({ url: server.url, checkParameters: false });
    await updateGuestConfig(client, { ...guest, set: { nosuch: 1 } });
    expect(server.requests[0]?.form.get('nosuch')).toBe('1');
  });

  test('a release knows its own parameters only', async () => {
    const server = await serve(() => ({ data: null }));
    const client = connect({ url: server.url });
    const params = { node: 'pve', vmid: 100, file: '/x', offset: 1 };
    await client.forRelease('9.2').request('GET /nodes/{node}/qemu/{vmid}/agent/file-read', params);
    const old = client.forRelease('8.4').request('GET /nodes/{node}/qemu/{vmid}/agent/file-read', params);
    await expect(old).rejects.toMatchObject({ code: 'PVE_PARAMETER', errors: { offset: expect.anything() } });
  });
});

describe('what comes back', () => {
  test('scalars have the type of the schema, unknown keys are kept', async () => {
    const server = await serve(() => ({
      data: { cores: '4', onboot: 1, kvm: '0', memory: 512, cpulimit: '1.5', digest: 'd', future: '7' },
    }));
    const config = await connect({ url: server.url }).request('GET /nodes/{node}/qemu/{vmid}/config', {
      node: 'pve',
      vmid: 100,
    });
    expect(config).toEqual({
      cores: 4,
      onboot: true,
      kvm: false,
      memory: '512',
      cpulimit: 1.5,
      digest: 'd',
      future: '7',
    });
  });

  test('an answer that is not of PVE is said so', async () => {
    const server = await serve(() => ({
      status: 200,
      reason: 'OK',
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    }));
    await expect(getVersion(connect({ url: server.url }))).rejects.toMatchObject({
      code: 'PVE_ANSWER',
      message: expect.stringContaining('text/html'),
    });
  });

  test('secrets do not show in errors', async () => {
    const password = 'hunter2-hunter2';
    const server = await serve((request) =>
      refusal(500, `odd value '${request.form.get('cipassword')}' of ${TOKEN}`),
    );
    const client = connect({ url: server.url });
    const error = await updateGuestConfig(client, { ...guest, set: { cipassword: password } }).catch(
      (caught) => caught,
    );
    expect(error.code).toBe('PVE_SERVER');
    const shown = JSON.stringify({ ...error, message: error.message });
    expect(shown).not.toContain(password);
    expect(shown).not.toContain('secret-of-the-token');
    expect(shown).toContain('[redacted]');
  });
});

describe('when something fails on the way', () => {
  test('a dead endpoint is left for the next, also by changing calls, and not asked again', async () => {
    const server = await serve(() => ({ data: 'UPID:pve:0000A1B2:01234567:65F0A1B2:qmstart:100:root@pam:' }));
    const client = connect({ url: [await deadUrl(), server.url] });
    await startGuest(client, guest);
    await startGuest(client, guest);
    expect(server.requests).toHaveLength(2);
  });

  test('a reading call survives a cut connection', async () => {
    const server = await serve((_request, count) => (count === 1 ? 'cut' : { data: '105' }));
    await expect(nextVmid(connect({ url: server.url }))).resolves.toBe(105);
  });

  test('a changing call that was cut is not repeated: its outcome is unknown', async () => {
    const server = await serve(() => 'cut');
    const other = await serve(() => VERSION);
    const client = connect({ url: [server.url, other.url] });
    await expect(startGuest(client, guest)).rejects.toMatchObject({
      code: 'PVE_OUTCOME_UNKNOWN',
      hint: expect.stringContaining('findTask'),
    });
    expect(server.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(0);
  });

  test('a changing call without an answer in time has an unknown outcome', async () => {
    const server = await serve(() => 'silence');
    const client = connect({ url: server.url, deadlines: { write: 50, read: 50 } });
    await expect(startGuest(client, guest)).rejects.toMatchObject({ code: 'PVE_OUTCOME_UNKNOWN' });
    await expect(getVersion(client)).rejects.toMatchObject({ code: 'PVE_TIMEOUT' });
  });

  test.each([
    ['login', (client: ProxmoxClient) => client.request('GET /access/ticket')],
    ['read', (client: ProxmoxClient) => getVersion(client)],
    ['write', (client: ProxmoxClient) => startGuest(client, guest)],
    ['agent', (client: ProxmoxClient) => agentPing(client, { node: 'pve', vmid: 100 })],
    [
      'upload',
      (client: ProxmoxClient) =>
        uploadVolume(client, {
          node: 'pve',
          storage: 'local',
          content: 'iso',
          filename: 'a.iso',
          source: Buffer.from('a'),
        }),
    ],
  ] as const)('the time limit of its class ends a call: %s', async (kind, call) => {
    const server = await serve(() => 'silence');
    const patient = { login: 60_000, read: 60_000, write: 60_000, agent: 60_000, upload: 60_000 };
    const client = connect({ url: server.url, deadlines: { ...patient, [kind]: 40 } });
    await expect(call(client)).rejects.toMatchObject({ message: expect.stringContaining('within 40 ms') });
  });

  test('a time limit of its own counts before that of the class, and holds for all attempts together', async () => {
    const server = await serve((_request, count) => (count === 1 ? 'cut' : 'silence'));
    const client = connect({ url: server.url });
    await expect(client.request('GET /version', {}, { timeoutMs: 400 })).rejects.toMatchObject({
      code: 'PVE_TIMEOUT',
    });
    expect(server.requests).toHaveLength(2);
  });

  test('an answer that breaks off is asked for again by reading calls only', async () => {
    const half = {
      status: 200,
      reason: 'OK',
      headers: { 'content-length': '1000', 'content-type': 'application/json' },
      body: '{"data":',
    };
    const server = await serve((_request, count) => (count < 3 ? half : VERSION));
    const client = connect({ url: server.url });
    await expect(startGuest(client, guest)).rejects.toMatchObject({ code: 'PVE_OUTCOME_UNKNOWN' });
    await expect(getVersion(client)).resolves.toMatchObject({ release: '9.2' });
    expect(server.requests).toHaveLength(3);
  });

  test('a connection carries at most a hundred calls, which is all that PVE takes', async () => {
    const perConnection = new Map<number | undefined, number>();
    const server = await serve(({ port }) => {
      perConnection.set(port, (perConnection.get(port) ?? 0) + 1);
      return VERSION;
    });
    const client = connect({ url: server.url });
    for (let call = 0; call < 205; call++) await getVersion(client);
    expect(server.requests).toHaveLength(205);
    expect(Math.max(...perConnection.values())).toBe(100);
  });

  test('a connection that the server ended while it was idle fails no call, not even a changing one', async () => {
    const server = await serve(() => ({ data: 'UPID:pve:0000A1B2:01234567:65F0A1B2:qmstart:100:root@pam:' }));
    const client = connect({ url: server.url });
    for (let call = 0; call < 5; call++) {
      await startGuest(client, guest);
      await server.endIdle();
    }
    expect(new Set(server.requests.map(({ port }) => port)).size).toBe(5);
  });

  test('an answer with an error ends its connection, as PVE does, and the next call has one of its own', async () => {
    const server = await serve((_request, count) => (count % 2 === 1 ? refusal(500, 'no') : VERSION));
    const client = connect({ url: server.url });
    for (let pair = 0; pair < 3; pair++) {
      await expect(getVersion(client)).rejects.toMatchObject({ code: 'PVE_SERVER' });
      await expect(getVersion(client)).resolves.toMatchObject({ release: '9.2' });
    }
    const [first, ...others] = server.requests.map(({ port }) => port);
    expect(others).not.toContain(first);
  });

  test('nobody reachable is one sentence', async () => {
    const client = connect({ url: await deadUrl(), retries: 0 });
    await expect(getVersion(client)).rejects.toMatchObject({
      code: 'PVE_UNREACHABLE',
      message: expect.stringContaining('cannot be reached'),
    });
  });

  test('a call rejects with the reason of its signal, before and while it is under way', async () => {
    const server = await serve(() => 'silence');
    const client = connect({ url: server.url });
    const reason = new Error('enough');
    await expect(getVersion(client, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const call = getVersion(client, { signal: controller.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test('a call can be bound to one endpoint', async () => {
    const first = await serve(() => VERSION);
    const second = await serve(() => VERSION);
    const client = connect({ url: [first.url, second.url] });
    await client.request('GET /version', {}, { endpoint: second.url });
    expect([first.requests.length, second.requests.length]).toEqual([0, 1]);
  });
});

describe('options that make no sense', () => {
  test.each([
    ['a token of another form', { url: 'https://pve:8006', token: 'nonsense' }],
    ['plain http across the network', { url: 'http://pve.example:8006', token: TOKEN }],
    ['a password in the URL', { url: 'https://root:pw@pve:8006', token: TOKEN }],
    ['a fingerprint that is none', { url: 'https://pve:8006', token: TOKEN, fingerprint: 'AA:BB' }],
    [
      'token and ticket together',
      { url: 'https://pve:8006', token: TOKEN, ticket: { username: 'a@pam', password: 'b' } },
    ],
    ['no URL', { url: [], token: TOKEN }],
    ['a CA file that is not there', { url: 'https://pve:8006', token: TOKEN, caFile: '/nonexistent/ca.pem' }],
  ])('%s', async (_case, options) => {
    const use = async () => connect(options).request('GET /version');
    const error = await use().catch((caught) => caught);
    expect(error).toMatchObject({ code: 'PVE_OPTIONS' });
    expect(error.message).not.toContain('nonsense');
  });
});
