import { createHash, createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { PveError } from '../http/pve-error.js';
import type { LabState } from '../state/lab-state.js';
import type { Caller } from './access.js';

/** Seconds that a ticket and a CSRF token are valid for. */
const TICKET_LIFETIME_S = 7200;
const FUTURE_S = 300;
/** The one reason for everything wrong with credentials: PVE names no detail. */
const REFUSED = 'Authentication failed!';

/** Refused credentials: 401 with an empty body, answered three seconds after the request came. */
export class AuthenticationError extends PveError {
  constructor(reason: string) {
    super(401, reason, { plainBody: '' });
  }
}

/** What a request shows to prove who it is from. */
export interface Credentials {
  readonly ticket?: string;
  readonly token?: string;
}

/** Credentials from the `Cookie` and `Authorization` headers; a ticket wins over a token. */
export function credentialsOf(cookie: string | undefined, authorization: string | undefined): Credentials {
  const ticket =
    valueAfter(cookie, 'PVEAuthCookie', /(?:^|\s|;)PVEAuthCookie=([^;]*)/) ??
    valueAfter(authorization, 'PVEAuthCookie', /^PVEAuthCookie[= ]([^;]*)/);
  const token = valueAfter(authorization, 'PVEAPIToken', /^PVEAPIToken[= ]([^;]*)/);
  return { ...(ticket === undefined ? {} : { ticket }), ...(token === undefined ? {} : { token }) };
}

function valueAfter(header: string | undefined, name: string, pattern: RegExp): string | undefined {
  if (header === undefined || !header.includes(name)) return undefined;
  const found = pattern.exec(header)?.[1];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

/** Hash of a token's secret as kept in the state. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Hash of a password as kept in the state, with its salt. */
export function hashPassword(password: string): string {
  const salt = randomBytes(8).toString('hex');
  return `${salt}:${scryptSync(password, salt, 32, { N: 1024 }).toString('hex')}`;
}

/** Signs and verifies tickets, CSRF tokens and API tokens against the users of a state (pve-access-control, AccessControl.pm). */
export interface Authenticator {
  /** @throws AuthenticationError */
  callerOfToken(token: string): Caller;
  /** @throws AuthenticationError */
  callerOfTicket(ticket: string): Caller;
  /** The user of a valid ticket; undefined otherwise. */
  verifyTicket(ticket: string): string | undefined;
  issueTicket(userid: string): string;
  issueCsrfToken(userid: string): string;
  verifyCsrfToken(userid: string, token: string | undefined): boolean;
  /** A ticket for a terminal, good for a path and (9.2) a port. */
  issueTerminalTicket(authid: string, path: string, port?: number): string;
  verifyTerminalTicket(ticket: string, authid: string, path: string, port?: number): boolean;
  /** Does the password belong to the user (a hash of the `pve` realm, or a configured one of `pam`)? */
  verifyPassword(userid: string, password: string): boolean;
}

/** @see Authenticator. `nowS` gives lab time in seconds. */
export function createAuthenticator(state: LabState, nowS: () => number): Authenticator {
  const key = (name: string): string => {
    state.keys[name] ??= randomBytes(32).toString('hex');
    return state.keys[name];
  };
  const sign = (name: string, text: string) => createHmac('sha512', key(name)).update(text).digest('base64');
  const hexTime = (seconds: number) => Math.floor(seconds).toString(16).toUpperCase().padStart(8, '0');
  const fresh = (time: string | undefined, lifetimeS: number) => {
    const age = nowS() - Number.parseInt(time ?? '', 16);
    return age > -FUTURE_S && age < lifetimeS;
  };
  const usable = (userid: string): boolean => {
    const user = state.users[userid];
    return user?.enable === true && (user.expire === 0 || user.expire > nowS());
  };
  const verifyTicket = (ticket: string): string | undefined => {
    const found = /^PVE:([^:]+):([0-9A-F]{8})::(.+)$/.exec(ticket);
    if (found === null) return undefined;
    const [, userid = '', time, signature = ''] = found;
    if (!same(signature, sign('ticket', `PVE:${userid}:${time}`))) return undefined;
    return fresh(time, TICKET_LIFETIME_S) && usable(userid) ? userid : undefined;
  };
  const csrfSignature = (time: string, userid: string) =>
    createHmac('sha256', key('csrf')).update(`${time}:${userid}`).digest('base64').replace(/=+$/, '');
  return {
    verifyTicket,
    callerOfTicket: (ticket) => {
      const userid = verifyTicket(ticket);
      if (userid === undefined) throw new AuthenticationError(REFUSED);
      return { userid, authid: userid, isRoot: userid === 'root@pam' };
    },
    callerOfToken: (text) => {
      const found = /^([^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+)!([A-Za-z][A-Za-z0-9.\-_]+)=(.+)$/.exec(text);
      if (found === null) throw new AuthenticationError(REFUSED);
      const [, userid = '', tokenid = '', secret = ''] = found;
      const user = state.users[userid];
      if (user === undefined) throw new AuthenticationError(REFUSED);
      if (!user.enable) throw new AuthenticationError(REFUSED);
      if (user.expire !== 0 && user.expire <= nowS()) throw new AuthenticationError(REFUSED);
      const token = user.tokens[tokenid];
      if (token === undefined) throw new AuthenticationError(REFUSED);
      if (token.expire !== 0 && token.expire <= nowS()) throw new AuthenticationError(REFUSED);
      if (!same(hashSecret(secret), token.secretHash)) throw new AuthenticationError(REFUSED);
      return { userid, tokenid, authid: `${userid}!${tokenid}`, isRoot: false };
    },
    issueTicket: (userid) => {
      const time = hexTime(nowS());
      return `PVE:${userid}:${time}::${sign('ticket', `PVE:${userid}:${time}`)}`;
    },
    issueCsrfToken: (userid) => {
      const time = hexTime(nowS());
      return `${time}:${csrfSignature(time, userid)}`;
    },
    verifyCsrfToken: (userid, token) => {
      const [time = '', signature = ''] = (token ?? '').split(':');
      return fresh(time, TICKET_LIFETIME_S) && same(signature, csrfSignature(time, userid));
    },
    issueTerminalTicket: (authid, path, port) => {
      const time = hexTime(nowS());
      return `PVEVNC:${time}::${sign('terminal', `${time}:${authid}:${path}:${port ?? ''}`)}`;
    },
    verifyTerminalTicket: (ticket, authid, path, port) => {
      const found = /^PVEVNC:([0-9A-F]{8})::(.+)$/.exec(ticket);
      return (
        found !== null &&
        fresh(found[1], 40) &&
        same(found[2] ?? '', sign('terminal', `${found[1]}:${authid}:${path}:${port ?? ''}`))
      );
    },
    verifyPassword: (userid, password) => {
      const hash = state.users[userid]?.passwordHash;
      if (hash === undefined || !usable(userid)) return false;
      const [salt = '', expected = ''] = hash.split(':');
      return same(scryptSync(password, salt, 32, { N: 1024 }).toString('hex'), expected);
    },
  };
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
