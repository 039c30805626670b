import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from '../guests/guest-ref.js';

/**
 * Takes a snapshot. Names begin with a letter, 2 to 40 characters; `current` and `pending` are reserved.
 * @returns the task's UPID; the task fails when the name is used, the storage cannot, or the guest is a template
 */
export function createSnapshot(
  client: ProxmoxClient,
  {
    kind,
    node,
    vmid,
    name,
    description,
    withMemory,
  }: GuestRef & {
    readonly name: string;
    readonly description?: string;
    /** Of running machines: keeps the memory too; default false. */
    readonly withMemory?: boolean;
  },
  options?: RequestOptions,
): Promise<string> {
  const common = { node, vmid, snapname: name, ...(description === undefined ? {} : { description }) };
  return kind === 'qemu'
    ? client.request(
        'POST /nodes/{node}/qemu/{vmid}/snapshot',
        { ...common, ...(withMemory === undefined ? {} : { vmstate: withMemory }) },
        options,
      )
    : client.request('POST /nodes/{node}/lxc/{vmid}/snapshot', common, options);
}
