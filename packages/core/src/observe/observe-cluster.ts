import { getVersion, listResources, listVolumes, type ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { DeclaredGuest } from '../config/model.js';
import { errorCode } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { GuestKind } from '../kinds/guest-kind.js';
import type { Inventory, ObservedGuest, ObservedNode, ResourceRow } from './inventory.js';
import { readClusterView } from './list-guest-rows.js';

const concurrency = 16;

const liveSchema = z.object({
  vmid: z.coerce.number(),
  status: z.string(),
  template: z.union([z.boolean(), z.coerce.number()]).optional(),
  uptime: z.coerce.number().optional(),
});

interface LiveState {
  readonly status: 'running' | 'stopped';
  readonly template: boolean;
  readonly uptimeSeconds?: number;
}

/** Runs `work` over the items, sixteen at a time. */
async function forEachConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

/** Whether guests run, by vmid, as the node itself knows it: the cluster's list lags by ten seconds. */
async function listLiveStates(
  client: ProxmoxClient,
  node: string,
  kind: 'machine' | 'container',
  signal?: AbortSignal,
) {
  const options = signal === undefined ? {} : { signal };
  const entries: readonly unknown[] =
    kind === 'machine'
      ? await client.request('GET /nodes/{node}/qemu', { node }, options)
      : await client.request('GET /nodes/{node}/lxc', { node }, options);
  const states = new Map<number, LiveState>();
  for (const entry of entries) {
    const parsed = liveSchema.safeParse(entry);
    if (!parsed.success) continue;
    const { vmid, status, template, uptime } = parsed.data;
    states.set(vmid, {
      status: status === 'running' ? 'running' : 'stopped',
      template: Boolean(template),
      ...(uptime === undefined ? {} : { uptimeSeconds: uptime }),
    });
  }
  return states;
}

async function listBridges(
  client: ProxmoxClient,
  node: string,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const entries: readonly unknown[] = await client.request(
      'GET /nodes/{node}/network',
      { node, type: 'any_bridge' },
      signal === undefined ? {} : { signal },
    );
    const parsed = z.array(z.object({ iface: z.string() })).safeParse(entries);
    return parsed.success ? parsed.data.map((entry) => entry.iface).sort() : undefined;
  } catch (error) {
    // A token without Sys.Audit may not list them; then a missing bridge shows when the guest starts.
    if (['PVE_PERMISSION', 'PVE_NOT_IMPLEMENTED', 'PVE_SERVER'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

function assertSupported(release: string): void {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  if (major > 8 || (major === 8 && minor >= 4)) return;
  throw new PhoenixError({
    code: 'PHOENIX_RELEASE',
    message: `The node runs Proxmox VE ${release}; Phoenix needs 8.4 or later, where disk images can be imported through the API.`,
    hint: 'Update the node.',
    details: { release },
  });
}

async function readGuest(
  client: ProxmoxClient,
  kinds: readonly GuestKind[],
  row: ResourceRow,
  live: LiveState | undefined,
  signal?: AbortSignal,
): Promise<ObservedGuest | undefined> {
  const kind = kinds.find((candidate) => candidate.kind === row.kind);
  if (kind === undefined) return undefined;
  try {
    return await kind.read(
      client,
      live === undefined ? row : { ...row, live },
      signal === undefined ? {} : { signal },
    );
  } catch (error) {
    // Gone between the list and now.
    if (errorCode(error) === 'PVE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Volume ids by place, sorted; a storage that holds several kinds of images has been asked for each. */
function groupVolumes(
  lists: readonly (readonly [string, readonly string[]])[],
): Readonly<Record<string, readonly string[]>> {
  const places = new Map<string, string[]>();
  for (const [place, volumes] of lists) places.set(place, [...(places.get(place) ?? []), ...volumes].sort());
  return Object.fromEntries(places);
}

/** What an observation is to cover. */
export interface ObservationScope {
  readonly kinds: readonly GuestKind[];
  /** Declared guests, with their clone sources and with what making the missing ones takes. */
  readonly concerned?: readonly DeclaredGuest[];
  /** Guests that are only read where they exist, declared or not. */
  readonly further?: readonly number[] | 'all';
  readonly signal?: AbortSignal | undefined;
  /** Called for each guest as soon as it was read; `soFar` holds the guests read until then and everything else whole. */
  readonly onGuest?: (vmid: number, soFar: Inventory) => void;
}

/**
 * Reads the cluster as far as the guests concerned need it: one list of everything, one list of live states for each node and kind, one
 * configuration for each guest that exists. Only where a guest is missing also the bridges and the images of the nodes. Reads only.
 * @throws {PhoenixError} `PHOENIX_RELEASE` below Proxmox VE 8.4
 */
export async function observeCluster(
  client: ProxmoxClient,
  { kinds, concerned = [], further = [], signal, onGuest }: ObservationScope,
): Promise<Inventory> {
  const options = signal === undefined ? {} : { signal };
  const [version, entries] = await Promise.all([
    getVersion(client, options),
    listResources(client, {}, options),
  ]);
  assertSupported(version.release);
  const view = readClusterView(entries);
  const wanted = new Set(further === 'all' ? view.guests.map((row) => row.vmid) : further);
  for (const vmid of concerned.flatMap((guest) => [
    guest.vmid,
    ...(guest.cloneFrom === undefined ? [] : [guest.cloneFrom.vmid]),
  ]))
    wanted.add(vmid);
  const rows = view.guests.filter((row) => wanted.has(row.vmid));
  const places = new Map(rows.map((row) => [`${row.node}/${row.kind}`, row]));
  const online = new Set(view.nodes.filter((node) => node.online).map((node) => node.node));
  const made = new Set(
    rows.filter((row) => row.lock !== 'create' && row.lock !== 'clone').map((row) => row.vmid),
  );
  const missing = concerned.some((guest) => !made.has(guest.vmid));
  const imageContents = new Set(
    concerned
      .filter((guest) => guest.image !== undefined)
      .flatMap((guest) => kinds.filter((kind) => kind.accepts(guest)).map((kind) => kind.imageContent)),
  );
  const imageStores = missing
    ? view.storages.flatMap(({ node, storage, active, content }) =>
        [...imageContents]
          .filter((wanted) => active && online.has(node) && content.includes(wanted))
          .map((wanted) => ({ node, storage, content: wanted })),
      )
    : [];
  const [states, bridges, images] = await Promise.all([
    Promise.all(
      [...places.values()].map(
        async (place) => [place, await listLiveStates(client, place.node, place.kind, signal)] as const,
      ),
    ),
    missing
      ? Promise.all([...online].map(async (node) => [node, await listBridges(client, node, signal)] as const))
      : [],
    Promise.all(
      imageStores.map(async ({ node, storage, content }) => {
        const volumes = await listVolumes(client, { node, storage, content }, options);
        return [`${node}/${storage}`, volumes.map((volume) => volume.volid)] as const;
      }),
    ),
  ]);
  const stateOf = (row: ResourceRow) =>
    states.find(([place]) => place.node === row.node && place.kind === row.kind)?.[1].get(row.vmid);
  const bridgesByNode = new Map(bridges);
  const nodes: ObservedNode[] = view.nodes.map((node) => {
    const found = bridgesByNode.get(node.node);
    return found === undefined ? node : { ...node, bridges: found };
  });
  const guests: Record<string, ObservedGuest> = {};
  const inventory: Inventory = {
    release: version.release,
    nodes,
    storages: view.storages,
    resources: view.guests,
    guests,
    images: groupVolumes(images),
  };
  await forEachConcurrently(rows, async (row) => {
    const guest = await readGuest(client, kinds, row, stateOf(row), signal);
    if (guest === undefined) return;
    guests[String(guest.vmid)] = guest;
    onGuest?.(guest.vmid, inventory);
  });
  return inventory;
}
