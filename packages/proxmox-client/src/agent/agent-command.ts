import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import type { AgentRef } from './agent-ref.js';

/** Commands that ask the guest for something and have no parameters. */
export type AgentQuestion =
  | 'get-fsinfo'
  | 'get-host-name'
  | 'get-memory-block-info'
  | 'get-memory-blocks'
  | 'get-osinfo'
  | 'get-time'
  | 'get-timezone'
  | 'get-users'
  | 'get-vcpus'
  | 'info'
  | 'network-get-interfaces';

/**
 * Asks the guest agent and returns its answer as the agent gives it.
 * PVE passes an agent's error on inside an answer with status 200; here it is an error like any other.
 * @throws ProxmoxError PVE_AGENT and those of agentPing
 */
export async function agentCommand(
  client: ProxmoxClient,
  { node, vmid, command }: AgentRef & { readonly command: AgentQuestion },
  options?: RequestOptions,
): Promise<unknown> {
  const answer: unknown = await client.request(
    `GET /nodes/{node}/qemu/{vmid}/agent/${command}`,
    { node, vmid },
    options,
  );
  if (typeof answer !== 'object' || answer === null || !('result' in answer)) return answer;
  const { result } = answer;
  if (typeof result === 'object' && result !== null && 'error' in result) {
    throw new ProxmoxError('PVE_AGENT', `guest agent of ${vmid}: ${command}: ${describe(result.error)}`);
  }
  return result;
}

function describe(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'desc' in error) return String(error.desc);
  return JSON.stringify(error);
}
