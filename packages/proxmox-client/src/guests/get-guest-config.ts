import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef, LxcConfig, QemuConfig } from './guest-ref.js';

interface ConfigQuestion {
  /** The values in effect; default: those that the next start will have, pending changes included. */
  readonly current?: boolean;
  /** The values of a snapshot. Secrets such as cipassword are in clear text there. */
  readonly snapshot?: string;
}

/**
 * Reads a guest's configuration, with its `digest`.
 * While a guest is being created PVE returns only `lock` and `digest`.
 * @throws ProxmoxError PVE_NOT_FOUND when this node has no such guest
 */
export function getGuestConfig(
  client: ProxmoxClient,
  guest: GuestRef<'qemu'> & ConfigQuestion,
  options?: RequestOptions,
): Promise<QemuConfig>;
export function getGuestConfig(
  client: ProxmoxClient,
  guest: GuestRef<'lxc'> & ConfigQuestion,
  options?: RequestOptions,
): Promise<LxcConfig>;
export function getGuestConfig(
  client: ProxmoxClient,
  guest: GuestRef & ConfigQuestion,
  options?: RequestOptions,
): Promise<QemuConfig | LxcConfig>;
export function getGuestConfig(
  client: ProxmoxClient,
  { kind, ...question }: GuestRef & ConfigQuestion,
  options?: RequestOptions,
): Promise<QemuConfig | LxcConfig> {
  return kind === 'qemu'
    ? client.request('GET /nodes/{node}/qemu/{vmid}/config', question, options)
    : client.request('GET /nodes/{node}/lxc/{vmid}/config', question, options);
}
