import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/**
 * Starts a guest. PVE applies pending settings and writes the cloud-init drive anew on the way.
 * A machine that runs already makes the task fail; a container that does is refused at once (PVE_RUNNING).
 * @returns the task's UPID
 */
export function startGuest(
  client: ProxmoxClient,
  { kind, node, vmid }: GuestRef,
  options?: RequestOptions,
): Promise<string> {
  return kind === 'qemu'
    ? client.request('POST /nodes/{node}/qemu/{vmid}/status/start', { node, vmid }, options)
    : client.request('POST /nodes/{node}/lxc/{vmid}/status/start', { node, vmid }, options);
}
