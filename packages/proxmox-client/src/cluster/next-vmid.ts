import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';

/**
 * Asks for the lowest free id. Nothing is reserved: two callers get the same one, and the creating call decides.
 * With `vmid` it answers that id if it is free.
 * @throws ProxmoxError PVE_EXISTS when `vmid` is taken
 */
export async function nextVmid(
  client: ProxmoxClient,
  wanted: { readonly vmid?: number } = {},
  options?: RequestOptions,
): Promise<number> {
  return Number(await client.request('GET /cluster/nextid', wanted, options));
}
