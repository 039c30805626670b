import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteParameters } from '../schema/route-types.js';
import type { GuestRef } from './guest-ref.js';

/** A drive of a machine (`scsi0`) or a volume of a container (`rootfs`, `mp0`). */
export type QemuDisk = RouteParameters<'PUT /nodes/{node}/qemu/{vmid}/resize'>['disk'];
export type LxcDisk = RouteParameters<'PUT /nodes/{node}/lxc/{vmid}/resize'>['disk'];

/**
 * Grows a disk; of containers its file system too. Shrinking does not exist. Growing to the present size is a task that is OK
 * for machines and PVE_UNSUPPORTED for containers.
 * `size` is absolute (`100G`) or an increment (`+10G`); a number without unit is bytes.
 * @returns the task's UPID
 */
export function resizeDisk(
  client: ProxmoxClient,
  guest:
    | (GuestRef<'qemu'> & { readonly disk: QemuDisk; readonly size: string; readonly digest?: string })
    | (GuestRef<'lxc'> & { readonly disk: LxcDisk; readonly size: string; readonly digest?: string }),
  options?: RequestOptions,
): Promise<string> {
  if (guest.kind === 'qemu') {
    const { kind: _kind, ...parameters } = guest;
    return client.request('PUT /nodes/{node}/qemu/{vmid}/resize', parameters, options);
  }
  const { kind: _kind, ...parameters } = guest;
  return client.request('PUT /nodes/{node}/lxc/{vmid}/resize', parameters, options);
}
