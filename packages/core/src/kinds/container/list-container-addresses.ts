import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { ObservedGuest } from '../../observe/inventory.js';
import { readProperties } from '../property-string.js';

const interfacesSchema = z.array(
  z.object({
    hwaddr: z.string().optional(),
    inet: z.string().optional(),
    inet6: z.string().optional(),
    'ip-addresses': z.array(z.object({ 'ip-address': z.string() })).optional(),
  }),
);

/** Addresses of the interfaces that the configuration knows, as the node sees them in the running container; never those of bridges inside it. */
export async function listContainerAddresses(
  client: ProxmoxClient,
  guest: ObservedGuest,
  options: { readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const macs = new Set(
    Object.entries(guest.config).flatMap(([key, value]) =>
      /^net\d+$/.test(key) ? (readProperties(String(value)).get('hwaddr')?.toLowerCase() ?? []) : [],
    ),
  );
  const { node, vmid } = guest;
  const answer: unknown = await client.request(
    'GET /nodes/{node}/lxc/{vmid}/interfaces',
    { node, vmid },
    options,
  );
  return interfacesSchema
    .parse(answer ?? [])
    .filter((entry) => macs.has((entry.hwaddr ?? '').toLowerCase()))
    .flatMap(
      (entry) =>
        entry['ip-addresses']?.map((address) => address['ip-address']) ??
        [entry.inet, entry.inet6].flatMap((address) => address?.split('/')[0] ?? []),
    )
    .filter((address) => !/^fe80:/i.test(address));
}
