import type { DeclaredGuest } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { Inventory, ObservedNode, ObservedStorage } from '../observe/inventory.js';

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));

/**
 * The node for a guest that does not exist: the first of the declared ones that is online, else the first by name; a node that has the
 * declared storage is preferred where any node will do.
 * @throws {PhoenixError} `PHOENIX_NODE_MISSING`
 */
export function chooseNode(declared: DeclaredGuest, inventory: Inventory): string {
  const online = inventory.nodes.filter((node) => node.online);
  const byName = (name: string): ObservedNode | undefined =>
    online.find((node) => node.node.toLowerCase() === name.toLowerCase());
  for (const name of declared.nodes) {
    const node = byName(name);
    if (node !== undefined) return node.node;
  }
  if (declared.nodes.length > 0) {
    throw new PhoenixError({
      code: 'PHOENIX_NODE_MISSING',
      message: `Guest ${declared.vmid} (${declared.name}) wants the node ${declared.nodes.join(' or ')}, and of the cluster's nodes only these are online: ${list(online.map((node) => node.node))}.`,
      hint: 'Correct `node`, or start that node.',
      details: { vmid: declared.vmid },
    });
  }
  const fitting = online.find((node) =>
    inventory.storages.some(
      (storage) => storage.node === node.node && storage.storage === declared.storage && storage.active,
    ),
  );
  const node = fitting ?? online[0];
  if (node === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_NODE_MISSING',
      message: 'No node of the cluster is online as far as the token may see.',
      hint: 'Check the cluster, and that the token may read `/cluster/resources`.',
    });
  }
  return node.node;
}

/**
 * A storage of the node for one kind of content: the named one, else `local`, else the first by name.
 * @throws {PhoenixError} `PHOENIX_STORAGE_MISSING` when the named one is not there, cannot hold the content, or none can.
 */
export function chooseStorage(
  inventory: Inventory,
  wish: {
    readonly vmid: number;
    readonly node: string;
    readonly content: string;
    readonly key: string;
    readonly name?: string;
  },
): ObservedStorage {
  const here = inventory.storages.filter((storage) => storage.node === wish.node);
  const fitting = here.filter((storage) => storage.active && storage.content.includes(wish.content));
  const names = list(fitting.map((storage) => storage.storage));
  const fail = (message: string, hint: string): never => {
    throw new PhoenixError({
      code: 'PHOENIX_STORAGE_MISSING',
      message,
      hint,
      details: { vmid: wish.vmid, node: wish.node, storage: wish.name },
    });
  };
  if (wish.name === undefined) {
    const chosen = fitting.find((storage) => storage.storage === 'local') ?? fitting[0];
    return (
      chosen ??
      fail(
        `Guest ${wish.vmid} needs a storage on node ${wish.node} that holds \`${wish.content}\`, and no active one does.`,
        `Allow the content "${wish.content}" on a storage of that node (Datacenter → Storage → Edit → Content), or name one with \`${wish.key}\`.`,
      )
    );
  }
  const named = here.find((storage) => storage.storage === wish.name);
  if (named === undefined) {
    return fail(
      `Guest ${wish.vmid} wants the storage "${wish.name}", which does not exist on node ${wish.node}; storages for \`${wish.content}\` there: ${names}.`,
      `Correct \`${wish.key}\`, or create the storage.`,
    );
  }
  if (!named.active) {
    return fail(
      `Storage "${wish.name}" on node ${wish.node}, which guest ${wish.vmid} wants, is not active.`,
      'Check the storage on the node (Datacenter → Storage), then run again.',
    );
  }
  if (!named.content.includes(wish.content)) {
    return fail(
      `Storage "${wish.name}" on node ${wish.node} cannot hold \`${wish.content}\` for guest ${wish.vmid}; it holds: ${list(named.content)}.`,
      `Allow the content "${wish.content}" on it, or set \`${wish.key}\` to one of: ${names}.`,
    );
  }
  return named;
}

/**
 * Checks that every declared bridge exists on the node, where the token may list them.
 * @throws {PhoenixError} `PHOENIX_BRIDGE_MISSING`
 */
export function assertBridges(declared: DeclaredGuest, node: string, inventory: Inventory): void {
  const bridges = inventory.nodes.find((candidate) => candidate.node === node)?.bridges;
  if (bridges === undefined) return;
  for (const network of declared.networks) {
    if (network.bridge === undefined || bridges.includes(network.bridge)) continue;
    throw new PhoenixError({
      code: 'PHOENIX_BRIDGE_MISSING',
      message: `Guest ${declared.vmid} (${declared.name}) wants the bridge "${network.bridge}", which node ${node} does not have; it has: ${list(bridges)}.`,
      hint: 'Correct `network_bridge` or `network_config.bridge`, or create the bridge on the node.',
      details: { vmid: declared.vmid, node, bridge: network.bridge },
    });
  }
}
