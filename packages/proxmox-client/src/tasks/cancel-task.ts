import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { parseUpid } from './parse-upid.js';

/** Kills a task; one that has ended is left as it is. Guests may stay locked and volumes half made: PVE does not tidy up. */
export async function cancelTask(
  client: ProxmoxClient,
  upid: string,
  options?: RequestOptions,
): Promise<void> {
  await client.request('DELETE /nodes/{node}/tasks/{upid}', { node: parseUpid(upid).node, upid }, options);
}
