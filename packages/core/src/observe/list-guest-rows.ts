import { listResources, type ProxmoxClient } from '@phoenix/proxmox-client';
import { z } from 'zod';
import type { ObservedNode, ObservedStorage, ResourceRow } from './inventory.js';

const rowSchema = z.object({
  type: z.enum(['qemu', 'lxc']),
  vmid: z.coerce.number(),
  node: z.string(),
  name: z.string().optional(),
  status: z.string().default('unknown'),
  template: z.union([z.boolean(), z.coerce.number()]).optional(),
  lock: z.string().optional(),
  tags: z.string().optional(),
  pool: z.string().optional(),
});

const nodeSchema = z.object({
  type: z.literal('node'),
  node: z.string(),
  status: z.string().default('unknown'),
});

const storageSchema = z.object({
  type: z.literal('storage'),
  node: z.string(),
  storage: z.string(),
  status: z.string().default('unknown'),
  content: z.string().default(''),
  plugintype: z.string().default('unknown'),
  shared: z.union([z.boolean(), z.coerce.number()]).optional(),
});

/** The cluster's list, taken apart: guests by vmid, nodes by name, storages by node and name. Entries of other types are left out. */
export interface ClusterView {
  readonly guests: readonly ResourceRow[];
  readonly nodes: readonly ObservedNode[];
  readonly storages: readonly ObservedStorage[];
}

function readRow(entry: unknown): ResourceRow | undefined {
  const parsed = rowSchema.safeParse(entry);
  if (!parsed.success) return undefined;
  const { type, tags, template, name, lock, pool, vmid, node, status } = parsed.data;
  return {
    vmid,
    kind: type === 'qemu' ? 'machine' : 'container',
    node,
    status,
    template: Boolean(template),
    tags: (tags ?? '').split(/[;,\s]+/).filter((tag) => tag !== ''),
    ...(name === undefined ? {} : { name }),
    ...(lock === undefined ? {} : { lock }),
    ...(pool === undefined ? {} : { pool }),
  };
}

/** Takes the entries of `/cluster/resources` apart. Pure; entries that are not understood are ignored. */
export function readClusterView(entries: readonly unknown[]): ClusterView {
  const guests: ResourceRow[] = [];
  const nodes: ObservedNode[] = [];
  const storages: ObservedStorage[] = [];
  for (const entry of entries) {
    const row = readRow(entry);
    if (row !== undefined) {
      guests.push(row);
      continue;
    }
    const node = nodeSchema.safeParse(entry);
    if (node.success) {
      nodes.push({ node: node.data.node, online: node.data.status === 'online' });
      continue;
    }
    const storage = storageSchema.safeParse(entry);
    if (storage.success) {
      const { content, plugintype, shared, status } = storage.data;
      storages.push({
        storage: storage.data.storage,
        node: storage.data.node,
        content: content
          .split(',')
          .filter((part) => part !== '')
          .sort(),
        active: status === 'available',
        shared: Boolean(shared),
        type: plugintype,
      });
    }
  }
  const order = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
  guests.sort((left, right) => left.vmid - right.vmid);
  nodes.sort((left, right) => order(left.node, right.node));
  storages.sort((left, right) => order(left.node, right.node) || order(left.storage, right.storage));
  return { guests, nodes, storages };
}

/** Every guest of the cluster with its node: one request. */
export async function listGuestRows(
  client: ProxmoxClient,
  options: { readonly signal?: AbortSignal },
): Promise<readonly ResourceRow[]> {
  return readClusterView(await listResources(client, { type: 'vm' }, options)).guests;
}
