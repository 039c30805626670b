import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';

/** A new API token, ready for the option `token` of a client. */
export interface NewToken {
  /** `user@realm!name=secret`; PVE shows the secret this once. */
  readonly token: string;
  /** `user@realm!name` */
  readonly tokenId: string;
}

/**
 * Creates an API token. By default it has privileges of its own only, which are to be granted before it can do anything;
 * `separatePrivileges: false` lets it do what its user may.
 * @throws ProxmoxError PVE_EXISTS when the user has a token of this name
 */
export async function createToken(
  client: ProxmoxClient,
  {
    userId,
    name,
    separatePrivileges,
    comment,
    expire,
  }: {
    /** With realm: `root@pam`. */
    readonly userId: string;
    readonly name: string;
    /** Default true. */
    readonly separatePrivileges?: boolean;
    readonly comment?: string;
    /** End of validity in seconds since 1970; default none. */
    readonly expire?: number;
  },
  options?: RequestOptions,
): Promise<NewToken> {
  const { value, 'full-tokenid': tokenId } = await client.request(
    'POST /access/users/{userid}/token/{tokenid}',
    {
      userid: userId,
      tokenid: name,
      ...(separatePrivileges === undefined ? {} : { privsep: separatePrivileges }),
      ...(comment === undefined ? {} : { comment }),
      ...(expire === undefined ? {} : { expire }),
    },
    options,
  );
  return { token: `${tokenId}=${value}`, tokenId };
}
