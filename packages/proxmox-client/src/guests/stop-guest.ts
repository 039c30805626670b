import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/**
 * Stops a guest as by pulling the plug. A stopped machine makes an empty task that is OK; a stopped container is refused (PVE_NOT_RUNNING).
 * @returns the task's UPID
 */
export function stopGuest(
  client: ProxmoxClient,
  {
    kind,
    node,
    vmid,
    overruleShutdown,
  }: GuestRef & {
    /** Ends a shutdown of the guest that is under way and holds its lock. */ readonly overruleShutdown?: boolean;
  },
  options?: RequestOptions,
): Promise<string> {
  const parameters = {
    node,
    vmid,
    ...(overruleShutdown === undefined ? {} : { 'overrule-shutdown': overruleShutdown }),
  };
  return kind === 'qemu'
    ? client.request('POST /nodes/{node}/qemu/{vmid}/status/stop', parameters, options)
    : client.request('POST /nodes/{node}/lxc/{vmid}/status/stop', parameters, options);
}
