import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from '../guests/guest-ref.js';

/**
 * Deletes a snapshot.
 * @returns the task's UPID; the task fails when there is no such snapshot
 */
export function deleteSnapshot(
  client: ProxmoxClient,
  { kind, node, vmid, name }: GuestRef & { readonly name: string },
  options?: RequestOptions,
): Promise<string> {
  const parameters = { node, vmid, snapname: name };
  return kind === 'qemu'
    ? client.request('DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}', parameters, options)
    : client.request('DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}', parameters, options);
}
