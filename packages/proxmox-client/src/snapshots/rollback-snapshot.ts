import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from '../guests/guest-ref.js';

/**
 * Takes disks and configuration back to a snapshot; pending settings are lost. The guest is stopped, and started again only if
 * the snapshot holds its memory or `start` asks for it.
 * @returns the task's UPID
 */
export function rollbackSnapshot(
  client: ProxmoxClient,
  { kind, node, vmid, name, start }: GuestRef & { readonly name: string; readonly start?: boolean },
  options?: RequestOptions,
): Promise<string> {
  const parameters = { node, vmid, snapname: name, ...(start === undefined ? {} : { start }) };
  return kind === 'qemu'
    ? client.request('POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback', parameters, options)
    : client.request('POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback', parameters, options);
}
