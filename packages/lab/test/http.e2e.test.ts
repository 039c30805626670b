import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, type LabRelease, startLab } from '../src/index.js';
import { type Call, callerOf } from './support/request.js';

describe.each<LabRelease>(['8.4', '9.2'])('the API over HTTP, release %s', (release) => {
  let lab: Lab;
  let call: Call;

  beforeAll(async () => {
    lab = await startLab({ release, imageMirror: false });
    call = callerOf(lab);
  });
  afterAll(() => lab.close());

  test('GET /version names the release', async () => {
    const { status, body } = await call('GET', '/version');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ release });
  });

  const unknown = 'property is not defined in schema and the schema does not allow additional properties';
  test.each<[string, string, Record<string, unknown>, number, string, Record<string, string> | undefined]>([
    ['GET', '/nosuch', {}, 501, "Method 'GET /nosuch' not implemented", undefined],
    ['DELETE', '/version', {}, 501, "Method 'DELETE /version' not implemented", undefined],
    ['GET', '/version', { foo: 1 }, 400, 'Parameter verification failed.', { foo: unknown }],
    [
      'GET',
      '/nodes/nosuch/status',
      {},
      500,
      "hostname lookup 'nosuch' failed - failed to get address info for: nosuch: Name or service not known",
      undefined,
    ],
    ['GET', '/nodes/bad_node!/status', {}, 403, 'Permission check failed (, Sys.Audit)', undefined],
    ['GET', '/storage/nosuch', {}, 500, "storage 'nosuch' does not exist", undefined],
    [
      'GET',
      '/nodes/pve/storage/nosuch/status',
      {},
      400,
      'Parameter verification failed.',
      { storage: 'No such storage.' },
    ],
    ['GET', '/pools/nosuch', {}, 500, "pool 'nosuch' does not exist", undefined],
    ['GET', '/nodes/pve/tasks/UPID:foo/status', {}, 500, "unable to parse worker upid 'UPID:foo'", undefined],
    [
      'GET',
      '/cluster/nextid',
      { vmid: 5 },
      400,
      'Parameter verification failed.',
      { vmid: 'invalid format - value does not look like a valid VM ID\n' },
    ],
    [
      'GET',
      '/nodes/pve/version',
      { node: 'other' },
      400,
      'Parameter verification failed.',
      { node: 'duplicate parameter (already defined in URI) with conflicting values!' },
    ],
  ])('%s %s with %o answers %i %s', async (method, path, params, status, reason, errors) => {
    const answer = await call(method, path, params);
    expect(answer).toMatchObject({ status, reason });
    expect(answer.body.data).toBeNull();
    expect(answer.body.errors).toEqual(errors);
    expect(answer.headers.connection).toBe('close');
  });

  test('slashes at the end and twice mean nothing', async () => {
    expect((await call('GET', '//version/')).status).toBe(200);
  });

  test('without credentials the answer is 401 with an empty body, in lab time three seconds later', async () => {
    const before = lab.clock.now();
    const { status, reason, text } = await callerOf(lab, '')('GET', '/version');
    expect({ status, reason, text }).toEqual({ status: 401, reason: 'No ticket', text: '' });
    expect(lab.clock.now() - before).toBeGreaterThanOrEqual(2999);
  });

  test('a wrong secret is refused', async () => {
    const wrong = callerOf(lab, 'root@pam!phoenix=00000000-0000-0000-0000-000000000000');
    expect(await wrong('GET', '/version')).toMatchObject({
      status: 401,
      reason: 'Authentication failed!',
      text: '',
    });
  });

  test('a ticket needs a CSRF token to change things, a token does not', async () => {
    const { ticket, csrf } = lab.login();
    const nobody = callerOf(lab, '');
    const cookie = { cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}` };
    expect((await nobody('GET', '/version', {}, cookie)).status).toBe(200);
    expect(await nobody('POST', '/pools', { poolid: 'a' }, cookie)).toMatchObject({
      status: 401,
      reason: 'Permission denied - invalid csrf token',
    });
    expect(
      (await nobody('POST', '/pools', { poolid: 'a' }, { ...cookie, CSRFPreventionToken: csrf })).status,
    ).toBe(200);
    expect((await call('DELETE', '/pools/a')).status).toBe(200);
  });

  test('answers of pvedaemon have both Connection headers', async () => {
    const { headers } = await call('POST', '/pools', { poolid: 'twice' });
    expect(headers.connection).toEqual(['close', 'Keep-Alive']);
  });

  test.each([
    [
      'a chunked body',
      'POST /api2/json/pools',
      ['Transfer-Encoding: chunked'],
      '0\r\n\r\n',
      '501 chunked transfer encoding not supported',
    ],
    [
      'a body of a DELETE',
      'DELETE /api2/json/pools/x',
      ['Content-Length: 3'],
      'a=b',
      "501 Unexpected content for method 'DELETE'",
    ],
    ['PATCH', 'PATCH /api2/json/version', [], '', "501 method 'PATCH' not available"],
    ['an unknown format', 'GET /api2/xml/version', [], '', '501 no formatter for uri /version, xml'],
    [
      'a body of text',
      'POST /api2/json/pools',
      ['Content-Type: text/plain', 'Content-Length: 1'],
      'x',
      "506 upload 'Content-Type 'text/plain' not implemented",
    ],
    ['too large a body', 'POST /api2/json/pools', ['Content-Length: 600000'], 'x', '501 for data too large'],
  ])('%s is refused', async (_, line, headers, body, status) => {
    const text = await bytes(
      lab,
      `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: PVEAPIToken=${lab.token}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n${body}`,
    );
    expect(text.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  });

  test('extjs answers 200 and puts the status into the body', async () => {
    const text = await bytes(
      lab,
      `GET /api2/extjs/pools/nosuch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: PVEAPIToken=${lab.token}\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))).toMatchObject({
      success: 0,
      status: 500,
      data: null,
    });
  });
});

test('the request log has every request with its template, parameters and status', async () => {
  const lab = await startLab({ imageMirror: false });
  const call = callerOf(lab);
  await call('POST', '/pools', { poolid: 'logged' });
  await call('GET', '/nodes/pve/storage/local/content', { content: 'iso' });
  expect(lab.requests).toMatchObject([
    {
      method: 'POST',
      path: '/pools',
      template: '/pools',
      params: { poolid: 'logged' },
      status: 200,
      caller: 'root@pam!phoenix',
    },
    {
      method: 'GET',
      path: '/nodes/pve/storage/local/content',
      template: '/nodes/{node}/storage/{storage}/content',
      status: 200,
    },
  ]);
  await lab.close();
});

test('a node that is offline answers 595', async () => {
  const lab = await startLab({ imageMirror: false, nodes: { a: {}, b: { online: false } } });
  expect(await callerOf(lab)('GET', '/nodes/b/status')).toMatchObject({
    status: 595,
    reason: 'No route to host',
    text: '',
  });
  expect((await callerOf(lab)('GET', '/nodes')).body.data).toMatchObject([
    { node: 'a', status: 'online' },
    { node: 'b', status: 'offline' },
  ]);
  await lab.close();
});

test('a lab starts within 300 ms', async () => {
  const begun = performance.now();
  const lab = await startLab();
  const took = performance.now() - begun;
  await lab.close();
  // The schema is loaded once per process; a busy machine gets ten times the time.
  expect(took).toBeLessThan(3000);
});

function bytes(lab: Lab, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(lab.url);
    const socket = connect({ host: hostname, port: Number(port), ca: lab.ca, servername: 'localhost' }, () =>
      socket.write(request),
    );
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });
}

describe('plain HTTP', () => {
  test('is redirected as PVE does it', async () => {
    const lab = await startLab({ imageMirror: false });
    expect(lab.plainUrl).toBeUndefined();
    const answer = await fetch(`${lab.url.replace('https:', 'http:')}/api2/json/version`, {
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, `${lab.url}/api2/json/version`]);
    await lab.close();
  });

  test('is answered beside HTTPS where it was asked for', async () => {
    const lab = await startLab({ imageMirror: false, plainHttp: true });
    const headers = { authorization: `PVEAPIToken=${lab.token}` };
    const answer = await fetch(`${lab.plainUrl}/api2/json/version`, { headers });
    expect(await answer.json()).toMatchObject({ data: { release: '9.2' } });
    expect((await callerOf(lab)('GET', '/version')).status).toBe(200);
    await lab.close();
  });
});
