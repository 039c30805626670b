import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { AgentRef } from './agent-ref.js';

/**
 * Asks whether the guest agent answers; while the guest boots PVE takes about 3 s to say no.
 * @throws ProxmoxError PVE_AGENT_NOT_RUNNING, PVE_AGENT_NOT_CONFIGURED, PVE_NOT_RUNNING
 */
export async function agentPing(
  client: ProxmoxClient,
  { node, vmid }: AgentRef,
  options?: RequestOptions,
): Promise<void> {
  await client.request(
    'POST /nodes/{node}/qemu/{vmid}/agent/ping',
    { node, vmid },
    { reading: true, ...options },
  );
}
