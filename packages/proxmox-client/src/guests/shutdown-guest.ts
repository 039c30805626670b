import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/**
 * Asks a guest to shut down: by its agent where that answers, else by ACPI; containers by their init.
 * The guest's lock is held until it is down or the time limit passes, so every other change waits.
 * @returns the task's UPID; the task fails when the guest is still up at the end
 */
export function shutdownGuest(
  client: ProxmoxClient,
  {
    kind,
    node,
    vmid,
    timeoutSeconds,
    forceStop,
  }: GuestRef & {
    /** How long PVE waits; default 60. */
    readonly timeoutSeconds?: number;
    /** Stops it hard when the time limit passes. */
    readonly forceStop?: boolean;
  },
  options?: RequestOptions,
): Promise<string> {
  const parameters = {
    node,
    vmid,
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
    ...(forceStop === undefined ? {} : { forceStop }),
  };
  return kind === 'qemu'
    ? client.request('POST /nodes/{node}/qemu/{vmid}/status/shutdown', parameters, options)
    : client.request('POST /nodes/{node}/lxc/{vmid}/status/shutdown', parameters, options);
}
