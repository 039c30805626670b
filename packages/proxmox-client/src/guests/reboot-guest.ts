import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef } from './guest-ref.js';

/**
 * Shuts a guest down and starts it again, which applies pending settings.
 * A machine's task ends when it is down; another task, of root@pam, starts it: wait for the status, not for the UPID alone.
 * @returns the task's UPID
 * @throws ProxmoxError PVE_NOT_RUNNING
 */
export function rebootGuest(
  client: ProxmoxClient,
  {
    kind,
    node,
    vmid,
    timeoutSeconds,
  }: GuestRef & { /** How long PVE waits for it to go down; default 60. */ readonly timeoutSeconds?: number },
  options?: RequestOptions,
): Promise<string> {
  const parameters = { node, vmid, ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }) };
  return kind === 'qemu'
    ? client.request('POST /nodes/{node}/qemu/{vmid}/status/reboot', parameters, options)
    : client.request('POST /nodes/{node}/lxc/{vmid}/status/reboot', parameters, options);
}
