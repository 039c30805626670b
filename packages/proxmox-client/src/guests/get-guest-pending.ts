import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/** One key of a configuration, with what waits for the next start. */
export interface PendingEntry {
  readonly key: string;
  /** The value in effect, as text; absent when the key is new. */
  readonly value?: string;
  /** The value that the next start will bring. */
  readonly pending?: string;
  /** The next start removes the key; 2: and frees its volume. */
  readonly delete?: number;
}

/**
 * Reads what of a guest's configuration is in effect and what waits for a cold start.
 * Settings are accepted (200) also when they only become pending, so this is how one learns which did.
 * @throws ProxmoxError PVE_NOT_FOUND
 */
export function getGuestPending(
  client: ProxmoxClient,
  { kind, node, vmid }: GuestRef,
  options?: RequestOptions,
): Promise<readonly PendingEntry[]> {
  return kind === 'qemu'
    ? client.request('GET /nodes/{node}/qemu/{vmid}/pending', { node, vmid }, options)
    : client.request('GET /nodes/{node}/lxc/{vmid}/pending', { node, vmid }, options);
}
