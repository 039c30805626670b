import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData, RouteParameters } from '../schema/route-types.js';

/** A storage as one node sees it. `content` is a comma-separated list such as `iso,import`. */
export type NodeStorage = RouteData<'GET /nodes/{node}/storage'>[number];

/** Lists the storages of a node with their content types and free space in bytes. */
export function listStorages(
  client: ProxmoxClient,
  question: RouteParameters<'GET /nodes/{node}/storage'>,
  options?: RequestOptions,
): Promise<NodeStorage[]> {
  return client.request('GET /nodes/{node}/storage', question, options);
}
