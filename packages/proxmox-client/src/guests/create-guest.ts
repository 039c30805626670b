import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import type { GuestRef, GuestSettings } from './guest-ref.js';

/**
 * Creates a guest. The id is claimed when the call returns; volumes are made by the task.
 * Never repeat it blindly after PVE_OUTCOME_UNKNOWN: look whether the guest is there.
 * Containers need `ostemplate`; always send `unprivileged`, its default changed from 0 to 1 with PVE 9.
 * @returns the task's UPID
 * @throws ProxmoxError PVE_EXISTS when the id is taken, PVE_PERMISSION, PVE_PARAMETER
 */
export async function createGuest(
  client: ProxmoxClient,
  { kind, node, vmid, set }: GuestRef & { readonly set?: GuestSettings },
  options?: RequestOptions,
): Promise<string> {
  if (kind === 'qemu') return client.request('POST /nodes/{node}/qemu', { ...set, node, vmid }, options);
  const { ostemplate } = set ?? {};
  if (typeof ostemplate !== 'string') {
    const errors = { ostemplate: 'property is missing and it is not optional' };
    throw new ProxmoxError(
      'PVE_PARAMETER',
      `container ${vmid}: expected a template volume in ostemplate, got ${String(ostemplate)}`,
      { errors },
    );
  }
  return client.request('POST /nodes/{node}/lxc', { ...set, ostemplate, node, vmid }, options);
}
