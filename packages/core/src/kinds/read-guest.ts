import {
  type GuestRef,
  getGuestConfig,
  getGuestPending,
  getGuestStatus,
  type ProxmoxClient,
} from '@phoenix/proxmox-client';
import type { ObservedGuest, PendingKey, WireValue } from '../observe/inventory.js';
import { parseDescription } from '../observe/marker.js';
import type { GuestPlace } from './guest-kind.js';
import { guestRefOf } from './guest-step.js';

/** A value of the configuration as the wire has it; what a flag is called depends on the call that was asked. */
function wireValue(value: unknown): WireValue | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** Keys of a configuration that say something about it rather than about the guest; they have places of their own in `ObservedGuest`. */
const apart = new Set(['digest', 'description', 'lock', 'template']);

interface Views {
  readonly config: Record<string, WireValue>;
  readonly pending: Record<string, PendingKey>;
  /** The values of the keys that stand apart. */
  readonly about: ReadonlyMap<string, WireValue>;
}

/** A running guest: one request shows what is in effect and what waits. */
async function readBothViews(client: ProxmoxClient, ref: GuestRef, signal?: AbortSignal): Promise<Views> {
  const entries = await getGuestPending(client, ref, signal === undefined ? {} : { signal });
  const config: Record<string, WireValue> = {};
  const pending: Record<string, PendingKey> = {};
  const about = new Map<string, WireValue>();
  for (const { key, value, pending: next, delete: removed } of entries) {
    const later = removed ? undefined : (next ?? value);
    if (later !== undefined) {
      if (apart.has(key)) about.set(key, later);
      else config[key] = later;
    }
    if (next === undefined && !removed) continue;
    pending[key] = {
      ...(value === undefined ? {} : { effective: value }),
      ...(later === undefined ? {} : { pending: later }),
    };
  }
  return { config, pending, about };
}

async function readConfig(client: ProxmoxClient, ref: GuestRef, signal?: AbortSignal): Promise<Views> {
  const answer: Readonly<Record<string, unknown>> = await getGuestConfig(
    client,
    ref,
    signal === undefined ? {} : { signal },
  );
  const config: Record<string, WireValue> = {};
  const about = new Map<string, WireValue>();
  for (const [key, answered] of Object.entries(answer)) {
    const value = wireValue(answered);
    if (value === undefined) continue;
    if (apart.has(key)) about.set(key, value);
    else config[key] = value;
  }
  return { config, pending: {}, about };
}

/** Reads one guest: its status where the place does not tell it, and its configuration. `nameKey`: where its name stands. */
export async function readGuest(
  client: ProxmoxClient,
  place: GuestPlace,
  kind: { readonly kind: ObservedGuest['kind']; readonly nameKey: 'name' | 'hostname' },
  options: { readonly signal?: AbortSignal },
): Promise<ObservedGuest> {
  const { signal } = options;
  const ref = guestRefOf({ kind: kind.kind, node: place.node, vmid: place.vmid });
  const { nameKey } = kind;
  const status = place.live ?? (await getGuestStatus(client, ref, options));
  const running = status.status === 'running';
  const { config, pending, about } = await (running ? readBothViews : readConfig)(client, ref, signal);
  const description = about.get('description');
  const lock = about.get('lock');
  const template = about.get('template');
  const { text, marker } = parseDescription(description === undefined ? undefined : String(description));
  const uptime =
    'uptimeSeconds' in status ? status.uptimeSeconds : 'uptime' in status ? status.uptime : undefined;
  return {
    vmid: place.vmid,
    kind: kind.kind,
    node: place.node,
    status: running ? 'running' : 'stopped',
    template: template === undefined ? Boolean(status.template) : Boolean(Number(template)),
    digest: String(about.get('digest') ?? ''),
    config,
    pending,
    text,
    ...(config[nameKey] === undefined ? {} : { name: String(config[nameKey]) }),
    ...(lock === undefined ? {} : { lock: String(lock) }),
    ...(marker?.id === place.vmid ? { marker } : {}),
    ...(place.pool === undefined ? {} : { pool: place.pool }),
    ...(uptime === undefined ? {} : { uptimeSeconds: Number(uptime) }),
  };
}
