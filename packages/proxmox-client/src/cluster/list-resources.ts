import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';

/** An entry of the cluster's list. */
export type Resource = RouteData<'GET /cluster/resources'>[number];

/**
 * Lists what the caller may see of the whole cluster in one call: guests, nodes, storages, pools.
 * Which node a guest is on, its tags and its lock are true at once; name, status and figures lag by up to 10 s, and a new guest is
 * `unknown` until then. Use it to find guests, and getGuestStatus to judge them.
 */
export function listResources(
  client: ProxmoxClient,
  filter: {
    /** `vm` stands for machines and containers. */ readonly type?: 'vm' | 'storage' | 'node' | 'sdn';
  } = {},
  options?: RequestOptions,
): Promise<Resource[]> {
  return client.request('GET /cluster/resources', filter, options);
}
