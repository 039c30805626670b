import { agentCommand, type ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { DeclaredGuest } from '../config/model.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import type { GuestStatus } from './orchestrator.js';

const interfacesSchema = z.array(
  z.object({
    'hardware-address': z.string().optional(),
    'ip-addresses': z.array(z.object({ 'ip-address': z.string(), prefix: z.number().optional() })).optional(),
  }),
);

/** Addresses of the devices that the configuration knows, as the guest has them; never those of bridges inside it. */
async function listAddresses(
  client: ProxmoxClient,
  guest: ObservedGuest,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (guest.kind !== 'machine' || guest.status !== 'running') return [];
  const macs = Object.entries(guest.config).flatMap(([key, value]) =>
    /^net\d+$/.test(key) ? [String(value).toLowerCase()] : [],
  );
  try {
    const answer = await agentCommand(
      client,
      { node: guest.node, vmid: guest.vmid, command: 'network-get-interfaces' },
      signal === undefined ? {} : { signal },
    );
    const interfaces = interfacesSchema.parse(answer);
    return interfaces
      .filter((entry) => macs.some((net) => net.includes((entry['hardware-address'] ?? '-').toLowerCase())))
      .flatMap((entry) => entry['ip-addresses'] ?? [])
      .map((address) => address['ip-address'])
      .filter((address) => !/^fe80:/i.test(address));
  } catch {
    // No agent, no addresses: the status is shown all the same.
    signal?.throwIfAborted();
    return [];
  }
}

/** The state of each guest as people want to see it. Reads only; a guest that does not answer has no addresses. */
export async function readStatus(
  client: ProxmoxClient,
  declared: readonly DeclaredGuest[],
  inventory: Inventory,
  signal?: AbortSignal,
): Promise<readonly GuestStatus[]> {
  return Promise.all(
    declared.map(async ({ vmid, name, kind }): Promise<GuestStatus> => {
      const guest = inventory.guests[String(vmid)];
      if (guest === undefined) {
        const row = inventory.resources.find((candidate) => candidate.vmid === vmid);
        return {
          vmid,
          name: row?.name ?? name,
          guestKind: row?.kind ?? kind,
          status: row === undefined ? 'missing' : 'unknown',
          template: row?.template ?? false,
          managed: false,
          addresses: [],
          features: [],
          pending: [],
          ...(row === undefined ? {} : { node: row.node }),
        };
      }
      const cores = Number(guest.config.cores ?? 1) * Number(guest.config.sockets ?? 1);
      const memory = /^(?:current=)?(\d+)/.exec(String(guest.config.memory ?? ''))?.[1];
      return {
        vmid,
        name: guest.name ?? name,
        guestKind: guest.kind,
        node: guest.node,
        status: guest.status,
        template: guest.template,
        managed: guest.marker !== undefined,
        cores,
        addresses: await listAddresses(client, guest, signal),
        features: guest.marker?.names ?? [],
        pending: Object.keys(guest.pending).sort(),
        ...(memory === undefined ? {} : { memoryMib: Number(memory) }),
        ...(guest.lock === undefined ? {} : { lock: guest.lock }),
        ...(guest.uptimeSeconds === undefined || guest.status !== 'running'
          ? {}
          : { uptimeSeconds: guest.uptimeSeconds }),
      };
    }),
  );
}
