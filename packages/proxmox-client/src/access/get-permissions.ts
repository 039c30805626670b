import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';

/** Privileges by ACL path; true where they hold for everything below as well. */
export type Permissions = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/**
 * Reads what the caller may do, everywhere or at one path: to say at the start what a token lacks, instead of failing half way.
 * Every user and token may ask this about itself.
 */
export async function getPermissions(
  client: ProxmoxClient,
  { path }: { readonly path?: string } = {},
  options?: RequestOptions,
): Promise<Permissions> {
  const answer: object = await client.request(
    'GET /access/permissions',
    path === undefined ? {} : { path },
    options,
  );
  return Object.fromEntries(
    Object.entries(answer).map(([at, privileges]: [string, object]) => [
      at,
      Object.fromEntries(
        Object.entries(privileges).map(([privilege, propagate]) => [privilege, Boolean(Number(propagate))]),
      ),
    ]),
  );
}
