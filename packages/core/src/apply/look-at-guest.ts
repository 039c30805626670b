import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { errorCode } from '../errors/describe-error.js';
import type { GuestKind } from '../kinds/guest-kind.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { listGuestRows } from '../observe/list-guest-rows.js';

/**
 * A function that reads one guest as it is now. It remembers where the guest was and looks for it anew when it is not there:
 * a guest may be moved between two steps.
 */
export function createGuestLook(
  client: ProxmoxClient,
  kind: GuestKind,
  vmid: number,
  plannedNode: string | undefined,
  signal: AbortSignal,
): () => Promise<ObservedGuest | undefined> {
  let node = plannedNode;
  return async () => {
    if (node !== undefined) {
      try {
        return await kind.read(client, { vmid, node }, { signal });
      } catch (error) {
        if (errorCode(error) !== 'PVE_NOT_FOUND') throw error;
      }
    }
    const row = (await listGuestRows(client, { signal })).find(
      (candidate) => candidate.vmid === vmid && candidate.kind === kind.kind,
    );
    if (row === undefined) return undefined;
    node = row.node;
    return kind.read(client, { vmid, node }, { signal });
  };
}
