import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/** What the clone is to be. */
export interface CloneOptions {
  readonly newVmid: number;
  /** Machine name or container host name; without it PVE makes up `Copy-of-…`. */
  readonly name?: string;
  readonly description?: string;
  readonly pool?: string;
  /** Copies the state of this snapshot instead of the present one. */
  readonly snapshot?: string;
  /** A copy of its own (true) or one that shares the template's volumes (false); default: linked for templates, full otherwise. */
  readonly full?: boolean;
  /** Of full clones: where the volumes go; default: beside the source's. */
  readonly storage?: string;
  /** Of full clones of machines: `raw`, `qcow2` or `vmdk`. */
  readonly format?: 'raw' | 'qcow2' | 'vmdk';
  /** The node that gets the clone; needs shared storage for all volumes. */
  readonly target?: string;
}

/**
 * Clones a guest. All settings are copied, fixed addresses included; MAC addresses, SMBIOS and VM generation ids are new.
 * Clones of one machine template may run side by side; of one container only one at a time (PVE_LOCKED).
 * @returns the task's UPID
 * @throws ProxmoxError PVE_EXISTS, PVE_NOT_FOUND, PVE_UNSUPPORTED, PVE_LOCKED; for machines the id may also turn out taken only in the task
 */
export function cloneGuest(
  client: ProxmoxClient,
  { kind, node, vmid, newVmid, name, snapshot, format, ...rest }: GuestRef & CloneOptions,
  options?: RequestOptions,
): Promise<string> {
  const common = {
    ...rest,
    node,
    vmid,
    newid: newVmid,
    ...(snapshot === undefined ? {} : { snapname: snapshot }),
  };
  if (kind === 'lxc') {
    return client.request(
      'POST /nodes/{node}/lxc/{vmid}/clone',
      { ...common, ...(name === undefined ? {} : { hostname: name }) },
      options,
    );
  }
  const own = { ...(name === undefined ? {} : { name }), ...(format === undefined ? {} : { format }) };
  return client.request('POST /nodes/{node}/qemu/{vmid}/clone', { ...common, ...own }, options);
}
