import { getVersion, listResources, listVolumes, type ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { DeclaredGuest } from '../config/model.js';
import { errorCode } from '../errors/describe-error.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { GuestKind, GuestPlace, LiveState, LiveStates } from '../kinds/guest-kind.js';
import type { Inventory, ObservedGuest, ResourceRow } from './inventory.js';
import { type ClusterView, readClusterView } from './list-guest-rows.js';

const concurrency = 16;

/**
 * Reads items, sixteen at a time, and has each taken as soon as it is there, while the next is under way already. After a failure no reading is begun.
 * @param ready what must have settled before anything is taken
 */
async function readConcurrently<Item, Found, Base>(
  items: readonly Item[],
  read: (item: Item) => Promise<Found>,
  ready: Promise<Base>,
  take: (found: Found, base: Base) => void,
): Promise<void> {
  const queue = [...items].reverse();
  const begin = (): Promise<Found> | undefined => {
    const item = queue.pop();
    return item === undefined ? undefined : read(item);
  };
  const worker = async () => {
    let reading = begin();
    let base: Base | undefined;
    while (reading !== undefined) {
      const found = await reading;
      base ??= await ready;
      reading = begin();
      take(found, base);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    queue.length = 0;
  }
}

/**
 * States of the guests of one kind, by vmid, as the node itself knows them: the cluster's list lags by ten seconds.
 * Nothing else of the entries is kept: a thousand of them would weigh on every garbage collection until the last guest is read.
 */
async function listLiveStates(
  client: ProxmoxClient,
  node: string,
  kind: 'machine' | 'container',
  signal?: AbortSignal,
): Promise<LiveStates> {
  const options = signal === undefined ? {} : { signal };
  const entries: readonly (LiveState & { readonly vmid: number })[] =
    kind === 'machine'
      ? await client.request('GET /nodes/{node}/qemu', { node }, options)
      : await client.request('GET /nodes/{node}/lxc', { node }, options);
  return new Map(entries.map(({ vmid, status, template, uptime }) => [vmid, { status, template, uptime }]));
}

async function listClusterView(
  client: ProxmoxClient,
  options: { readonly signal?: AbortSignal },
): Promise<ClusterView> {
  return readClusterView(await listResources(client, {}, options));
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
  kind: GuestKind | undefined,
  place: GuestPlace,
  options: { readonly signal?: AbortSignal },
): Promise<ObservedGuest | undefined> {
  try {
    return await kind?.read(client, place, options);
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

/** What surrounds the guests, as far as it is needed: the bridges of nodes and the images on storages only where a guest is missing. */
async function readSurroundings(
  client: ProxmoxClient,
  view: ClusterView,
  { kinds, concerned = [], signal }: ObservationScope,
): Promise<Pick<Inventory, 'nodes' | 'images'>> {
  const made = new Set(
    view.guests.filter((row) => row.lock !== 'create' && row.lock !== 'clone').map((row) => row.vmid),
  );
  if (concerned.every((guest) => made.has(guest.vmid))) return { nodes: view.nodes, images: {} };
  const options = signal === undefined ? {} : { signal };
  const online = new Set(view.nodes.filter((node) => node.online).map((node) => node.node));
  const contents = new Set(
    concerned
      .filter((guest) => guest.image !== undefined)
      .flatMap((guest) => kinds.filter((kind) => kind.accepts(guest)).map((kind) => kind.imageContent)),
  );
  const stores = view.storages.flatMap(({ node, storage, active, content }) =>
    [...contents]
      .filter((wanted) => active && online.has(node) && content.includes(wanted))
      .map((wanted) => ({ node, storage, content: wanted })),
  );
  const [bridges, images] = await Promise.all([
    Promise.all([...online].map(async (node) => [node, await listBridges(client, node, signal)] as const)),
    Promise.all(
      stores.map(async ({ node, storage, content }) => {
        const volumes = await listVolumes(client, { node, storage, content }, options);
        return [`${node}/${storage}`, volumes.map((volume) => volume.volid)] as const;
      }),
    ),
  ]);
  const bridgesByNode = new Map(bridges);
  return {
    nodes: view.nodes.map((node) => {
      const found = bridgesByNode.get(node.node);
      return found === undefined ? node : { ...node, bridges: found };
    }),
    images: groupVolumes(images),
  };
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
 * Reads the cluster as far as the guests concerned need it: one list of everything, then at the same time one list of live states for each node and
 * kind and one configuration for each guest that exists. Only where a guest is missing also the bridges and the images of the nodes. Reads only.
 * @throws {PhoenixError} `PHOENIX_RELEASE` below Proxmox VE 8.4
 */
export async function observeCluster(client: ProxmoxClient, scope: ObservationScope): Promise<Inventory> {
  const { kinds, concerned = [], further = [], signal, onGuest } = scope;
  const options = signal === undefined ? {} : { signal };
  const [version, view] = await Promise.all([getVersion(client, options), listClusterView(client, options)]);
  assertSupported(version.release);
  const wanted = new Set(further === 'all' ? view.guests.map((row) => row.vmid) : further);
  for (const vmid of concerned.flatMap((guest) => [
    guest.vmid,
    ...(guest.cloneFrom === undefined ? [] : [guest.cloneFrom.vmid]),
  ]))
    wanted.add(vmid);
  const rows = view.guests.filter((row) => wanted.has(row.vmid));
  const states = new Map<string, Promise<LiveStates>>();
  for (const { node, kind } of rows) {
    const place = `${node}/${kind}`;
    if (!states.has(place)) states.set(place, listLiveStates(client, node, kind, signal));
  }
  const kindsByName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const read = ({ vmid, kind, node, pool }: ResourceRow): Promise<ObservedGuest | undefined> =>
    readGuest(
      client,
      kindsByName.get(kind),
      { vmid, node, pool, states: states.get(`${node}/${kind}`) },
      options,
    );
  const guests: Record<string, ObservedGuest> = {};
  const surroundings = readSurroundings(client, view, scope).then((found): Inventory => {
    const { storages, guests: resources } = view;
    return { release: version.release, ...found, storages, resources, guests };
  });
  const reading = readConcurrently(rows, read, surroundings, (guest, inventory) => {
    if (guest === undefined) return;
    guests[String(guest.vmid)] = guest;
    onGuest?.(guest.vmid, inventory);
  });
  // Whichever fails first ends the observation; the others are heard, so that none of them counts as unhandled.
  const [inventory] = await Promise.all([surroundings, reading, ...states.values()]);
  return inventory;
}
