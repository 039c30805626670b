import { afterEach, describe, expect, test } from 'vitest';
import {
  createProxmoxClient,
  getVersion,
  type ProxmoxClient,
  startGuest,
  type TicketLogin,
} from '../src/index.js';
import {
  type AnsweringServer,
  type Reply,
  refusal,
  type SeenRequest,
  startAnsweringServer,
} from './support/answering-server.js';

const VERSION = { data: { version: '9.2.11', release: '9.2', repoid: 'abc' } };
const UPID = 'UPID:pve:0000A1B2:01234567:65F0A1B2:qmstart:100:root@pam:';
const LOGIN: TicketLogin = { username: 'root@pam', password: 'correct horse' };
let server: AnsweringServer;
let client: ProxmoxClient;

afterEach(async () => {
  await client.close();
  await server.close();
});

async function connect(
  ticket: TicketLogin,
  answer: (request: SeenRequest, count: number) => Reply,
): Promise<void> {
  server = await startAnsweringServer(answer);
  client = createProxmoxClient({ url: server.url, ticket });
}

/** A ticket with the characters that real ones have. */
const ticketNo = (number: number) => ({
  ticket: `PVE:root@pam:65F0A1B${number}::a+b/c==`,
  CSRFPreventionToken: `65F0A1B${number}:hmac`,
  username: 'root@pam',
});
const logins = () => server.requests.filter(({ path }) => path === '/access/ticket');

describe('a login with a password', () => {
  test('happens once for any number of calls, and its ticket and CSRF token are sent', async () => {
    await connect(LOGIN, ({ path }) =>
      path === '/access/ticket' ? { data: ticketNo(1) } : path === '/version' ? VERSION : { data: UPID },
    );
    await Promise.all([
      getVersion(client),
      getVersion(client),
      startGuest(client, { kind: 'qemu', node: 'pve', vmid: 100 }),
    ]);
    expect(logins()).toHaveLength(1);
    expect(Object.fromEntries(logins()[0]?.form ?? [])).toEqual({
      username: 'root@pam',
      password: 'correct horse',
    });
    for (const { method, path, headers } of server.requests) {
      if (path === '/access/ticket') continue;
      expect(headers.cookie).toBe(`PVEAuthCookie=${encodeURIComponent(ticketNo(1).ticket)}`);
      expect(headers.csrfpreventiontoken).toBe(method === 'POST' ? '65F0A1B1:hmac' : undefined);
    }
  });

  test('the password may come from a function', async () => {
    await connect({ ...LOGIN, password: async () => 'asked for' }, ({ path }) =>
      path === '/access/ticket' ? { data: ticketNo(1) } : VERSION,
    );
    await getVersion(client);
    expect(logins()[0]?.form.get('password')).toBe('asked for');
  });

  test('a wrong password is PVE_AUTH, and does not show', async () => {
    await connect(LOGIN, () => refusal(401, 'authentication failure'));
    const error = await getVersion(client).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'PVE_AUTH', path: '/access/ticket' });
    expect(JSON.stringify(error)).not.toContain('correct horse');
  });

  test.each([
    ['totp', '123456'],
    ['recovery', 'aaaa-bbbb-cccc-dddd'],
  ] as const)('a second factor is asked for and sent with the challenge: %s', async (kind, code) => {
    const partial = `PVE:!tfa!${encodeURIComponent(JSON.stringify({ totp: true, recovery: [1, 2], webauthn: null }))}:65F0A1B2::sig`;
    const asked: (readonly string[])[] = [];
    const secondFactor = async (kinds: readonly string[]) => {
      asked.push(kinds);
      return { kind, code };
    };
    await connect({ ...LOGIN, secondFactor }, ({ path, form }) => {
      if (path !== '/access/ticket') return VERSION;
      return form.has('tfa-challenge')
        ? { data: ticketNo(2) }
        : { data: { ticket: partial, NeedTFA: 1, username: 'root@pam' } };
    });
    await getVersion(client);
    expect(asked).toEqual([['totp', 'recovery']]);
    expect(Object.fromEntries(logins()[1]?.form ?? [])).toEqual({
      username: 'root@pam',
      'tfa-challenge': partial,
      password: `${kind}:${code}`,
    });
    expect(server.requests.at(-1)?.headers.cookie).toContain('65F0A1B2');
  });

  test('a code is sent once, although the answer was lost: it is good for one time', async () => {
    await connect({ ...LOGIN, secondFactor: () => ({ kind: 'totp', code: '123456' }) }, ({ form }) =>
      form.has('tfa-challenge')
        ? 'cut'
        : { data: { ticket: 'PVE:!tfa!%7B%22totp%22%3Atrue%7D:65F0A1B2::sig', NeedTFA: 1 } },
    );
    await expect(getVersion(client)).rejects.toMatchObject({ code: 'PVE_OUTCOME_UNKNOWN' });
    expect(logins().filter(({ form }) => form.has('tfa-challenge'))).toHaveLength(1);
  });

  test('a refused ticket is replaced by one login for all calls, changing ones included', async () => {
    let valid = 1;
    await connect(LOGIN, ({ path, headers }) => {
      if (path === '/access/ticket') return { data: ticketNo(valid) };
      if (headers.cookie !== `PVEAuthCookie=${encodeURIComponent(ticketNo(valid).ticket)}`)
        return { status: 401, reason: 'No ticket', body: '' };
      return path === '/version' ? VERSION : { data: UPID };
    });
    await getVersion(client);
    valid = 2;
    const calls = [
      getVersion(client),
      startGuest(client, { kind: 'qemu', node: 'pve', vmid: 100 }),
      getVersion(client),
    ];
    await expect(Promise.all(calls)).resolves.toHaveLength(3);
    expect(logins()).toHaveLength(2);
    expect(server.requests.filter(({ method, path }) => method === 'POST' && path.includes('start'))).toEqual(
      [
        expect.objectContaining({
          headers: expect.objectContaining({ csrfpreventiontoken: '65F0A1B1:hmac' }),
        }),
        expect.objectContaining({
          headers: expect.objectContaining({ csrfpreventiontoken: '65F0A1B2:hmac' }),
        }),
      ],
    );
  });

  test('a login that a node gives is good at the others', async () => {
    await connect(LOGIN, () => ({ data: ticketNo(1) }));
    const other = await startAnsweringServer(() => VERSION);
    const both = createProxmoxClient({ url: [server.url, other.url], ticket: LOGIN });
    await both.request('GET /version', {}, { endpoint: other.url });
    expect(other.requests.map(({ path, headers }) => [path, headers.cookie])).toEqual([
      ['/version', `PVEAuthCookie=${encodeURIComponent(ticketNo(1).ticket)}`],
    ]);
    await both.close();
    await other.close();
  });

  test('a second factor that nobody gives is PVE_TFA', async () => {
    await connect(LOGIN, () => ({
      data: { ticket: 'PVE:!tfa!%7B%22totp%22%3Atrue%7D:65F0A1B2::sig', NeedTFA: 1 },
    }));
    await expect(getVersion(client)).rejects.toMatchObject({
      code: 'PVE_TFA',
      message: expect.stringContaining('totp'),
    });
  });

  test('one that is not accepted is PVE_TFA too', async () => {
    await connect({ ...LOGIN, secondFactor: () => ({ kind: 'recovery', code: 'x' }) }, ({ form }) =>
      form.has('tfa-challenge')
        ? refusal(401, 'authentication failure')
        : { data: { ticket: 'PVE:!tfa!%7B%7D:65F0A1B2::sig', NeedTFA: 1 } },
    );
    await expect(getVersion(client)).rejects.toMatchObject({ code: 'PVE_TFA' });
  });
});
