import { getGuestConfig, getGuestPending, getGuestStatus, type ProxmoxClient } from '@phoenix/proxmox-client';
import type { ObservedGuest, PendingKey, WireValue } from '../../observe/inventory.js';
import { parseDescription } from '../../observe/marker.js';
import type { GuestPlace } from '../guest-kind.js';

function isWireValue(value: unknown): value is WireValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

interface Views {
  readonly config: Record<string, WireValue>;
  readonly pending: Record<string, PendingKey>;
}

/** A running machine: one request shows what is in effect and what waits. */
async function readBothViews(client: ProxmoxClient, place: GuestPlace, signal?: AbortSignal): Promise<Views> {
  const ref = { kind: 'qemu', node: place.node, vmid: place.vmid } as const;
  const entries = await getGuestPending(client, ref, signal === undefined ? {} : { signal });
  const config: Record<string, WireValue> = {};
  const pending: Record<string, PendingKey> = {};
  for (const { key, value, pending: next, delete: removed } of entries) {
    const later = removed ? undefined : (next ?? value);
    if (later !== undefined) config[key] = later;
    if (next === undefined && !removed) continue;
    pending[key] = {
      ...(value === undefined ? {} : { effective: value }),
      ...(later === undefined ? {} : { pending: later }),
    };
  }
  return { config, pending };
}

async function readConfig(client: ProxmoxClient, place: GuestPlace, signal?: AbortSignal): Promise<Views> {
  const ref = { kind: 'qemu', node: place.node, vmid: place.vmid } as const;
  const answer: Readonly<Record<string, unknown>> = await getGuestConfig(
    client,
    ref,
    signal === undefined ? {} : { signal },
  );
  return {
    config: Object.fromEntries(
      Object.entries(answer).filter((entry): entry is [string, WireValue] => isWireValue(entry[1])),
    ),
    pending: {},
  };
}

/** Reads one machine: its status where the place does not tell it, and its configuration. */
export async function readMachine(
  client: ProxmoxClient,
  place: GuestPlace,
  options: { readonly signal?: AbortSignal },
): Promise<ObservedGuest> {
  const { signal } = options;
  const ref = { kind: 'qemu', node: place.node, vmid: place.vmid } as const;
  const status = place.live ?? (await getGuestStatus(client, ref, options));
  const running = status.status === 'running';
  const { config: all, pending } = await (running ? readBothViews : readConfig)(client, place, signal);
  const { digest, description, lock, template, ...config } = all;
  const { text, marker } = parseDescription(description === undefined ? undefined : String(description));
  const uptime =
    'uptimeSeconds' in status ? status.uptimeSeconds : 'uptime' in status ? status.uptime : undefined;
  return {
    vmid: place.vmid,
    kind: 'machine',
    node: place.node,
    status: running ? 'running' : 'stopped',
    template: template === undefined ? Boolean(status.template) : Boolean(Number(template)),
    digest: String(digest ?? ''),
    config,
    pending,
    text,
    ...(config.name === undefined ? {} : { name: String(config.name) }),
    ...(lock === undefined ? {} : { lock: String(lock) }),
    ...(marker?.id === place.vmid ? { marker } : {}),
    ...(place.pool === undefined ? {} : { pool: place.pool }),
    ...(uptime === undefined ? {} : { uptimeSeconds: Number(uptime) }),
  };
}
