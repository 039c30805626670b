import { agentCommand, type ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { ObservedGuest } from '../../observe/inventory.js';

const interfacesSchema = z.array(
  z.object({
    'hardware-address': z.string().optional(),
    'ip-addresses': z.array(z.object({ 'ip-address': z.string(), prefix: z.number().optional() })).optional(),
  }),
);

/** Addresses of the devices that the configuration knows, as the guest agent tells them; never those of bridges inside the machine. */
export async function listMachineAddresses(
  client: ProxmoxClient,
  guest: ObservedGuest,
  options: { readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const macs = Object.entries(guest.config).flatMap(([key, value]) =>
    /^net\d+$/.test(key) ? [String(value).toLowerCase()] : [],
  );
  const answer = await agentCommand(
    client,
    { node: guest.node, vmid: guest.vmid, command: 'network-get-interfaces' },
    options,
  );
  return interfacesSchema
    .parse(answer)
    .filter((entry) => macs.some((net) => net.includes((entry['hardware-address'] ?? '-').toLowerCase())))
    .flatMap((entry) => entry['ip-addresses'] ?? [])
    .map((address) => address['ip-address'])
    .filter((address) => !/^fe80:/i.test(address));
}
