import { getGuestPending, getGuestStatus, type ProxmoxClient } from '@phoenix/proxmox-client';
import type { ObservedGuest, PendingKey, WireValue } from '../observe/inventory.js';
import { parseDescription } from '../observe/marker.js';
import type { GuestPlace } from './guest-kind.js';
import { guestRefOf } from './guest-step.js';

/**
 * Reads one guest: its status where the place does not tell it, and its configuration with what waits for a cold start, both at the same time.
 * `nameKey`: where its name stands.
 */
export async function readGuest(
  client: ProxmoxClient,
  place: GuestPlace,
  { kind, nameKey }: { readonly kind: ObservedGuest['kind']; readonly nameKey: 'name' | 'hostname' },
  options: { readonly signal?: AbortSignal },
): Promise<ObservedGuest> {
  const { vmid, node, pool, states } = place;
  const ref = guestRefOf({ kind, node, vmid });
  const [entries, status] =
    states === undefined
      ? await Promise.all([getGuestPending(client, ref, options), getGuestStatus(client, ref, options)])
      : [
          await getGuestPending(client, ref, options),
          (await states).get(vmid) ?? (await getGuestStatus(client, ref, options)),
        ];
  const config: Record<string, WireValue> = {};
  const pending: Record<string, PendingKey> = {};
  let digest = '';
  let description: string | undefined;
  let lock: string | undefined;
  let template = Boolean(status.template);
  const running = status.status === 'running';
  for (const entry of entries) {
    const { key, value } = entry;
    const later = entry.delete ? undefined : (entry.pending ?? value);
    // Keys that say something about the configuration rather than about the guest have places of their own.
    if (key === 'digest') digest = String(later ?? '');
    else if (key === 'description') description = later === undefined ? undefined : String(later);
    else if (key === 'lock') lock = later === undefined ? undefined : String(later);
    else if (key === 'template') template = Boolean(Number(later ?? 0));
    else {
      if (later !== undefined) config[key] = later;
      // What waits for a start is in effect in a guest that is not running.
      if (running && (entry.pending !== undefined || entry.delete))
        pending[key] = {
          ...(value === undefined ? {} : { effective: value }),
          ...(later === undefined ? {} : { pending: later }),
        };
    }
  }
  const { text, marker } = parseDescription(description);
  const name = config[nameKey];
  const guest: { -readonly [Field in keyof ObservedGuest]: ObservedGuest[Field] } = {
    vmid,
    kind,
    node,
    status: running ? 'running' : 'stopped',
    template,
    digest,
    config,
    pending,
    text,
  };
  if (name !== undefined) guest.name = String(name);
  if (lock !== undefined) guest.lock = lock;
  if (marker?.id === vmid) guest.marker = marker;
  if (pool !== undefined) guest.pool = pool;
  if (status.uptime !== undefined) guest.uptimeSeconds = Number(status.uptime);
  return guest;
}
