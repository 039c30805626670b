import { isProxmoxError, ProxmoxError } from '../errors/proxmox-error.js';
import type { Endpoints } from '../transport/endpoints.js';
import { type Authorization, type Sender, sendRequest } from '../transport/send-request.js';
import { readEnvelope } from '../wire/read-envelope.js';
import { NO_AUTHORIZATION } from './no-authorization.js';
import type { Secret } from './token-authorization.js';

/** An answer to the question for a second factor. */
export interface SecondFactor {
  /** What kind of code it is; the challenge says which the account has. */
  readonly kind: 'totp' | 'recovery' | 'yubico';
  readonly code: string;
}

/** A user who logs in with a password. */
export interface TicketLogin {
  /** With realm: `root@pam`. */
  readonly username: string;
  /** The password, or a function that gets it. */
  readonly password: Secret;
  /** Asked when the account has a second factor; gets the kinds that it takes, e.g. `['totp', 'recovery']`. */
  readonly secondFactor?: (kinds: readonly string[]) => SecondFactor | Promise<SecondFactor>;
}

interface Ticket {
  readonly ticket: string;
  readonly csrf: string;
  readonly since: number;
}

const RENEW_AFTER_MS = 3_600_000;
/** PVE's limit is 7200 s; a ticket is given up a little earlier. */
const VALID_MS = 7_080_000;

/**
 * Proves identity by a ticket: logs in at the first call, however many there are at once, and renews it after an hour, by the
 * ticket itself, so that neither password nor second factor is asked for again. Tickets live two hours.
 * Source: pve-access-control API2/AccessControl.pm.
 */
export function ticketAuthorization(
  login: TicketLogin,
  {
    endpoints,
    timeoutMs,
    now = Date.now,
  }: { readonly endpoints: Endpoints; readonly timeoutMs: number; readonly now?: () => number },
): Authorization {
  const sender: Sender = { endpoints, authorization: NO_AUTHORIZATION, retries: 2 };
  const secrets = new Set<string>();
  let current: Ticket | undefined;
  let underWay: Promise<Ticket> | undefined;

  const once = (get: () => Promise<Ticket>): Promise<Ticket> => {
    underWay ??= get().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const ask = async (parameters: Readonly<Record<string, string>>): Promise<TicketAnswer> => {
    for (const name of ['password', 'tfa-challenge']) if (parameters[name]) secrets.add(parameters[name]);
    const answer = await sendRequest(sender, {
      method: 'POST',
      path: '/access/ticket',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Object.entries(parameters)
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
        .join('&'),
      timeoutMs,
      // A login changes nothing, so it may be repeated; but a code is good for one time.
      reading: parameters['tfa-challenge'] === undefined,
      secrets: [...secrets],
    });
    return readTicket(readEnvelope(answer, 'POST', '/access/ticket').data);
  };
  const keep = ({ ticket, csrf }: TicketAnswer): Ticket => {
    secrets.add(ticket).add(csrf);
    current = { ticket, csrf, since: now() };
    return current;
  };
  const logIn = async (): Promise<Ticket> => {
    const { username } = login;
    const password = typeof login.password === 'string' ? login.password : await login.password();
    const first = await ask({ username, password });
    if (!first.needsSecondFactor) return keep(first);
    const kinds = kindsOf(first.ticket);
    if (!login.secondFactor) {
      throw new ProxmoxError(
        'PVE_TFA',
        `the login of ${username} needs a second factor: expected one of ${kinds.join(', ')}, got none`,
      );
    }
    const { kind, code } = await login.secondFactor(kinds);
    try {
      return keep(await ask({ username, 'tfa-challenge': first.ticket, password: `${kind}:${code}` }));
    } catch (cause) {
      if (!isProxmoxError(cause, 'PVE_AUTH')) throw cause;
      throw new ProxmoxError('PVE_TFA', `the second factor (${kind}) of ${username} was not accepted`, {
        cause,
      });
    }
  };
  const renewOrLogIn = async (): Promise<Ticket> => {
    const known = current;
    if (!known || now() - known.since > VALID_MS) return logIn();
    try {
      return keep(await ask({ username: login.username, password: known.ticket }));
    } catch (error) {
      if (isProxmoxError(error, 'PVE_AUTH')) return logIn();
      // Renewal has an hour of slack: what is there still works.
      return known;
    }
  };
  const headersOf = ({ ticket, csrf }: Ticket, method: string): Readonly<Record<string, string>> => ({
    cookie: cookieOf(ticket),
    ...(method === 'GET' ? {} : { csrfpreventiontoken: csrf }),
  });

  return {
    headers(method) {
      if (current && now() - current.since < RENEW_AFTER_MS) return headersOf(current, method);
      return once(renewOrLogIn).then((ticket) => headersOf(ticket, method));
    },
    async renew(refused) {
      // Of many calls that were refused at once, the later ones find the new ticket there already.
      if (!current || cookieOf(current.ticket) === refused.cookie) await once(logIn);
      return true;
    },
    secrets: () => [...secrets],
  };
}

function cookieOf(ticket: string): string {
  return `PVEAuthCookie=${encodeURIComponent(ticket)}`;
}

interface TicketAnswer {
  readonly ticket: string;
  readonly csrf: string;
  readonly needsSecondFactor: boolean;
}

function readTicket(data: unknown): TicketAnswer {
  if (typeof data !== 'object' || data === null || !('ticket' in data) || typeof data.ticket !== 'string') {
    throw new ProxmoxError('PVE_ANSWER', 'POST /access/ticket: expected a ticket, got none');
  }
  const csrf = 'CSRFPreventionToken' in data ? String(data.CSRFPreventionToken) : '';
  return { ticket: data.ticket, csrf, needsSecondFactor: 'NeedTFA' in data && Boolean(data.NeedTFA) };
}

/** A partial ticket is `PVE:!tfa!CHALLENGE:…`, the challenge being URL-encoded JSON with a key per kind of factor. */
function kindsOf(ticket: string): string[] {
  const challenge = /!tfa!([^:]+)/.exec(ticket)?.[1];
  if (challenge === undefined) return [];
  try {
    const kinds: unknown = JSON.parse(decodeURIComponent(challenge));
    if (typeof kinds !== 'object' || kinds === null) return [];
    return Object.entries(kinds).flatMap(([kind, value]) => (value ? [kind] : []));
  } catch {
    return [];
  }
}
