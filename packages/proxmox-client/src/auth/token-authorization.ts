import { ProxmoxError } from '../errors/proxmox-error.js';
import type { Authorization } from '../transport/send-request.js';

/** A secret, or where to get it; a function is called when the secret is first needed, and again when it was refused. */
export type Secret = string | (() => string | Promise<string>);

/**
 * Proves identity by an API token, `user@realm!name=secret`: no login, no expiry of its own, no CSRF.
 * @throws ProxmoxError PVE_OPTIONS, at first use, for what is not a token; its text is not repeated
 */
export function tokenAuthorization(token: Secret): Authorization {
  let headers: Readonly<Record<string, string>> | undefined;
  let secret = '';
  const read = (text: string): Readonly<Record<string, string>> => {
    const [, id, value] =
      /^(?:PVEAPIToken[= ])?([^\s:/]+@[A-Za-z][\w.-]+![A-Za-z][\w.-]*)=(\S+)$/.exec(text.trim()) ?? [];
    if (id === undefined || value === undefined) {
      throw new ProxmoxError(
        'PVE_OPTIONS',
        'expected an API token of the form user@realm!name=secret, got something else',
        {
          hint: 'Create one under Datacenter → Permissions → API Tokens, or with `pveum user token add`.',
        },
      );
    }
    secret = value;
    headers = { authorization: `PVEAPIToken=${id}=${value}` };
    return headers;
  };
  return {
    headers() {
      if (headers) return headers;
      const text = typeof token === 'string' ? token : token();
      return typeof text === 'string' ? read(text) : text.then(read);
    },
    async renew() {
      if (typeof token === 'string') return false;
      const refused = secret;
      read(await token());
      return secret !== refused;
    },
    secrets: () => (secret === '' ? [] : [secret]),
  };
}
