import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';

/** Reads the version of the node that answers: `{ version: '9.2.11', release: '9.2', repoid }`. The cheapest call that proves the credentials. */
export function getVersion(
  client: ProxmoxClient,
  options?: RequestOptions,
): Promise<RouteData<'GET /version'>> {
  return client.request('GET /version', {}, options);
}
