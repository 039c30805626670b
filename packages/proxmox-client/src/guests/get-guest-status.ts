import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';
import type { GuestRef } from './guest-ref.js';

type QemuStatus = RouteData<'GET /nodes/{node}/qemu/{vmid}/status/current'>;
type LxcStatus = RouteData<'GET /nodes/{node}/lxc/{vmid}/status/current'>;

/**
 * Reads whether a guest runs, at once true, unlike the cluster's list, which lags by up to 10 s.
 * A paused machine has status `running` and `qmpstatus` `paused`.
 * @throws ProxmoxError PVE_NOT_FOUND
 */
export function getGuestStatus(
  client: ProxmoxClient,
  guest: GuestRef<'qemu'>,
  options?: RequestOptions,
): Promise<QemuStatus>;
export function getGuestStatus(
  client: ProxmoxClient,
  guest: GuestRef<'lxc'>,
  options?: RequestOptions,
): Promise<LxcStatus>;
export function getGuestStatus(
  client: ProxmoxClient,
  guest: GuestRef,
  options?: RequestOptions,
): Promise<QemuStatus | LxcStatus>;
export function getGuestStatus(
  client: ProxmoxClient,
  { kind, node, vmid }: GuestRef,
  options?: RequestOptions,
): Promise<QemuStatus | LxcStatus> {
  return kind === 'qemu'
    ? client.request('GET /nodes/{node}/qemu/{vmid}/status/current', { node, vmid }, options)
    : client.request('GET /nodes/{node}/lxc/{vmid}/status/current', { node, vmid }, options);
}
