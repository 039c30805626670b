import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/**
 * Makes a stopped guest without snapshots a template; there is no way back through the API.
 * @returns the task's UPID; undefined for containers, where PVE is done when the call returns
 * @throws ProxmoxError PVE_RUNNING, PVE_TEMPLATE
 */
export async function convertToTemplate(
  client: ProxmoxClient,
  { kind, node, vmid }: GuestRef,
  options?: RequestOptions,
): Promise<string | undefined> {
  const upid: unknown =
    kind === 'qemu'
      ? await client.request('POST /nodes/{node}/qemu/{vmid}/template', { node, vmid }, options)
      : await client.request('POST /nodes/{node}/lxc/{vmid}/template', { node, vmid }, options);
  return typeof upid === 'string' ? upid : undefined;
}
