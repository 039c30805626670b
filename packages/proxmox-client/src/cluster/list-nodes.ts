import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';

/** A node of the cluster; `status` is `online`, `offline` or `unknown`. */
export type ClusterNode = RouteData<'GET /nodes'>[number];

/** Lists the nodes of the cluster with their load; without Sys.Audit the figures are left out. */
export function listNodes(client: ProxmoxClient, options?: RequestOptions): Promise<ClusterNode[]> {
  return client.request('GET /nodes', {}, options);
}
