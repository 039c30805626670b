import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/** How thoroughly to delete. */
export interface DeleteGuestOptions {
  /** Also removes it from backup jobs, replication and HA; without it a guest under HA is refused. */
  readonly purge?: boolean;
  /** Also destroys volumes that carry the guest's id on any storage but stand in no configuration; default false, as PVE's. */
  readonly destroyUnreferencedDisks?: boolean;
}

/**
 * Deletes a stopped guest and the volumes in its configuration.
 * @returns the task's UPID
 * @throws ProxmoxError PVE_RUNNING, PVE_PROTECTED, PVE_IN_USE, PVE_NOT_FOUND
 */
export function deleteGuest(
  client: ProxmoxClient,
  { kind, node, vmid, purge, destroyUnreferencedDisks }: GuestRef & DeleteGuestOptions,
  options?: RequestOptions,
): Promise<string> {
  const parameters = {
    node,
    vmid,
    ...(purge === undefined ? {} : { purge }),
    ...(destroyUnreferencedDisks === undefined
      ? {}
      : { 'destroy-unreferenced-disks': destroyUnreferencedDisks }),
  };
  return kind === 'qemu'
    ? client.request('DELETE /nodes/{node}/qemu/{vmid}', parameters, options)
    : client.request('DELETE /nodes/{node}/lxc/{vmid}', parameters, options);
}
