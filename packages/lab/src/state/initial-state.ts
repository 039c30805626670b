import { hashSecret } from '../access/authenticate.js';
import type { JsonObject } from './json.js';
import type { LabRelease, LabState, NodeGap, NodeState, StorageEntry } from './lab-state.js';

const GIB = 1024 ** 3;

/** A node of a new lab. */
export interface NodeOptions {
  readonly online?: boolean;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** The address that the cluster knows it by; default 192.0.2.2 for the first node and so on. */
  readonly address?: string;
  /** The version of control groups; default 2. */
  readonly cgroupMode?: 1 | 2;
  /** Names of bridges; default `vmbr0`. */
  readonly bridges?: readonly string[];
  /** Hardware virtualisation; default true: guests with KVM switched on run. */
  readonly kvm?: boolean;
  /** What the host lacks of what a Proxmox VE has in general; default nothing. */
  readonly lacks?: readonly NodeGap[];
}

/** A storage of a new lab; a directory by default. */
export interface StorageOptions {
  readonly type?: string;
  /** Content types, comma-separated. */
  readonly content: string;
  readonly path?: string;
  readonly shared?: boolean;
  readonly nodes?: readonly string[];
  readonly capacityBytes?: number;
}

/** The state of a lab that has just been installed: nodes, storages, realms, `root@pam`, and the given tokens (`root@pam!name` → secret, not separated). */
export function createInitialState(options: {
  readonly release: LabRelease;
  readonly nodes: Readonly<Record<string, NodeOptions>>;
  readonly storages: Readonly<Record<string, StorageOptions>>;
  readonly nowMs: number;
  readonly tokens: Readonly<Record<string, string>>;
}): LabState {
  const state: LabState = {
    meta: {
      version: 1,
      release: options.release,
      cluster: Object.keys(options.nodes).length > 1 ? 'lab' : '',
      sequence: {},
    },
    nodes: {},
    storages: {},
    volumes: {},
    guests: {},
    tasks: {},
    users: {
      'root@pam': { enable: true, expire: 0, email: 'root@localhost', groups: [], tokens: {} },
    },
    groups: {},
    roles: {},
    acl: {},
    pools: {},
    realms: {
      pam: { type: 'pam', comment: 'Linux PAM standard authentication', options: {} },
      pve: { type: 'pve', comment: 'Proxmox VE authentication server', options: {} },
    },
    keys: {},
    datacenter: {},
    broadcast: {},
    firewall: {},
    disks: {},
    runtimeGuests: {},
    runtimeContainers: {},
    extra: {},
  };
  for (const [name, node] of Object.entries(options.nodes))
    state.nodes[name] = createNode(node, options.nowMs);
  for (const [name, storage] of Object.entries(options.storages))
    state.storages[name] = createStorage(storage);
  const root = state.users['root@pam'];
  for (const [tokenid, secret] of Object.entries(options.tokens)) {
    if (root !== undefined)
      root.tokens[tokenid] = { privsep: false, expire: 0, secretHash: hashSecret(secret) };
  }
  return state;
}

function createNode(options: NodeOptions, nowMs: number): NodeState {
  const interfaces: Record<string, JsonObject> = {};
  for (const bridge of options.bridges ?? ['vmbr0']) {
    interfaces[bridge] = {
      type: 'bridge',
      active: 1,
      autostart: 1,
      bridge_ports: '',
      bridge_stp: 'off',
      bridge_fd: '0',
      method: 'manual',
      method6: 'manual',
    };
  }
  return {
    online: options.online ?? true,
    address: options.address ?? '192.0.2.2',
    cgroupMode: options.cgroupMode ?? 2,
    cpus: options.cpus ?? 8,
    memoryBytes: options.memoryBytes ?? 64 * GIB,
    interfaces,
    bootedAtMs: nowMs,
    kvm: options.kvm ?? true,
    ...(options.lacks === undefined ? {} : { lacks: [...options.lacks] }),
  };
}

function createStorage(options: StorageOptions): StorageEntry {
  return {
    type: options.type ?? 'dir',
    content: options.content,
    options: {},
    capacityBytes: options.capacityBytes ?? 500 * GIB,
    ...(options.path === undefined ? {} : { path: options.path }),
    ...(options.shared === undefined ? {} : { shared: options.shared }),
    ...(options.nodes === undefined ? {} : { nodes: [...options.nodes] }),
  };
}
