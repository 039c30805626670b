import type { ProxmoxClient } from '@phoenix/proxmox-client';
import type { DeclaredGuest } from '../config/model.js';
import { requireKind } from '../kinds/require-kind.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import { findByVmid } from '../plan/find-by-vmid.js';
import type { GuestStatus } from './orchestrator.js';

/** A guest that does not answer has no addresses: its status is shown all the same. */
async function listAddresses(
  client: ProxmoxClient,
  guest: ObservedGuest,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (guest.status !== 'running') return [];
  try {
    return await requireKind(guest.kind).listAddresses(client, guest, signal === undefined ? {} : { signal });
  } catch {
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
        const row = findByVmid(inventory.resources, vmid);
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
