import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from '../guests/guest-ref.js';

/** A snapshot of a guest. */
export interface Snapshot {
  readonly name: string;
  readonly description?: string;
  /** When it was taken, in seconds since 1970. */
  readonly snaptime?: number;
  /** It holds the machine's memory. */
  readonly vmstate?: boolean;
  /** The snapshot it was taken after. */
  readonly parent?: string;
}

/** Lists the snapshots of a guest, without PVE's entry `current` for the present state. */
export async function listSnapshots(
  client: ProxmoxClient,
  { kind, node, vmid }: GuestRef,
  options?: RequestOptions,
): Promise<Snapshot[]> {
  const snapshots: readonly Snapshot[] =
    kind === 'qemu'
      ? await client.request('GET /nodes/{node}/qemu/{vmid}/snapshot', { node, vmid }, options)
      : await client.request('GET /nodes/{node}/lxc/{vmid}/snapshot', { node, vmid }, options);
  return snapshots.filter(({ name }) => name !== 'current');
}
