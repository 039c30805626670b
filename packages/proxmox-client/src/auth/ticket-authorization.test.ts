import { afterEach, describe, expect, test } from 'vitest';
import {
  type AnsweringServer,
  type Reply,
  refusal,
  startAnsweringServer,
} from '../../test/support/answering-server.js';
import { type Endpoints, openEndpoints } from '../transport/endpoints.js';
import { ticketAuthorization } from './ticket-authorization.js';

const HOUR = 3_600_000;
let server: AnsweringServer;
let endpoints: Endpoints;

afterEach(async () => {
  await endpoints.close();
  await server.close();
});

/** A login on a clock that the test turns; the server's tickets are numbered. */
async function logIn(
  answer: (count: number) => Reply = (count) => ({
    data: { ticket: `ticket-${count}`, CSRFPreventionToken: `csrf-${count}` },
  }),
) {
  server = await startAnsweringServer((_request, count) => answer(count));
  endpoints = openEndpoints([server.url], {
    trust: { fingerprints: new Map(), insecure: false },
    connectTimeoutMs: 1_000,
    connections: 4,
  });
  const clock = { now: 1_000_000 };
  const authorization = ticketAuthorization(
    { username: 'root@pam', password: 'pw-of-root' },
    { endpoints, timeoutMs: 5_000, now: () => clock.now },
  );
  const passwords = () => server.requests.map(({ form }) => form.get('password'));
  return { clock, authorization, passwords };
}

describe('the life of a ticket', () => {
  test('it is renewed by itself after an hour, once for all that wait', async () => {
    const { clock, authorization, passwords } = await logIn();
    await authorization.headers('GET');
    clock.now += HOUR - 1;
    expect(await authorization.headers('GET')).toMatchObject({ cookie: 'PVEAuthCookie=ticket-1' });
    clock.now += 1;
    const renewed = await Promise.all([authorization.headers('GET'), authorization.headers('POST')]);
    expect(renewed).toEqual([
      { cookie: 'PVEAuthCookie=ticket-2' },
      { cookie: 'PVEAuthCookie=ticket-2', csrfpreventiontoken: 'csrf-2' },
    ]);
    expect(passwords()).toEqual(['pw-of-root', 'ticket-1']);
  });

  test('after its end the password is used again', async () => {
    const { clock, authorization, passwords } = await logIn();
    await authorization.headers('GET');
    clock.now += 2 * HOUR;
    await authorization.headers('GET');
    expect(passwords()).toEqual(['pw-of-root', 'pw-of-root']);
  });

  test('a renewal that is refused falls back to the password', async () => {
    const { clock, authorization, passwords } = await logIn((count) =>
      count === 2
        ? refusal(401, 'authentication failure')
        : { data: { ticket: `ticket-${count}`, CSRFPreventionToken: 'c' } },
    );
    await authorization.headers('GET');
    clock.now += HOUR;
    expect(await authorization.headers('GET')).toEqual({ cookie: 'PVEAuthCookie=ticket-3' });
    expect(passwords()).toEqual(['pw-of-root', 'ticket-1', 'pw-of-root']);
  });

  test('a renewal that fails for the moment leaves the ticket in use', async () => {
    const { clock, authorization } = await logIn((count) =>
      count === 1 ? { data: { ticket: 'ticket-1', CSRFPreventionToken: 'c' } } : refusal(500, 'no'),
    );
    await authorization.headers('GET');
    clock.now += HOUR;
    expect(await authorization.headers('GET')).toEqual({ cookie: 'PVEAuthCookie=ticket-1' });
  });

  test('a refused ticket is replaced once, for all calls it was refused to', async () => {
    const { authorization, passwords } = await logIn();
    const refused = await authorization.headers('GET');
    await expect(Promise.all([authorization.renew(refused), authorization.renew(refused)])).resolves.toEqual([
      true,
      true,
    ]);
    await expect(authorization.renew(refused)).resolves.toBe(true);
    expect(passwords()).toEqual(['pw-of-root', 'pw-of-root']);
    expect(await authorization.headers('GET')).toEqual({ cookie: 'PVEAuthCookie=ticket-2' });
  });

  test('password, tickets and CSRF tokens are secrets', async () => {
    const { authorization } = await logIn();
    await authorization.headers('GET');
    expect(authorization.secrets()).toEqual(expect.arrayContaining(['pw-of-root', 'ticket-1', 'csrf-1']));
  });
});
