import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';

/** A volume of a storage; `size` in bytes, of sparse images the size the guest sees. */
export type Volume = RouteData<'GET /nodes/{node}/storage/{storage}/content'>[number];

/**
 * Lists the volumes of a storage that the caller may see.
 * @throws ProxmoxError PVE_NOT_FOUND when there is no such storage, PVE_STORAGE when it is not active on the node
 */
export function listVolumes(
  client: ProxmoxClient,
  question: {
    readonly node: string;
    readonly storage: string;
    /** Only volumes of this content type, e.g. `iso`. */
    readonly content?: string;
    /** Only volumes of this guest. */
    readonly vmid?: number;
  },
  options?: RequestOptions,
): Promise<Volume[]> {
  return client.request('GET /nodes/{node}/storage/{storage}/content', question, options);
}
