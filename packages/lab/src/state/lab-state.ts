import type { FirewallFile } from './firewall-file.js';
import type { GuestConfig } from './guest-config.js';
import type { JsonObject, JsonValue } from './json.js';

/** The releases whose behaviour the lab knows. */
export type LabRelease = '8.4' | '9.2';

/**
 * What a host may lack: `token-terminals`, the updates that let API tokens into terminals (POST /access/vncticket); `mounted-resize`, growing a
 * file system that is mounted; `container-monitor`, the socket over which LXC tells that a container runs (9.2 says so and goes on).
 */
export type NodeGap = 'token-terminals' | 'mounted-resize' | 'container-monitor';

/** An emulated node. An offline one answers nothing: calls for it end with 595. */
export interface NodeState {
  online: boolean;
  address: string;
  cgroupMode: 1 | 2;
  cpus: number;
  memoryBytes: number;
  /** Bridges and other interfaces of `/etc/network/interfaces`, by name. */
  interfaces: Record<string, JsonObject>;
  bootedAtMs: number;
  /** False: guests with KVM switched on do not start, as on a host without hardware virtualisation. */
  kvm: boolean;
  lacks?: NodeGap[];
}

/** A section of `/etc/pve/storage.cfg`. */
export interface StorageEntry {
  type: string;
  /** Content types, comma-separated, in the order of the file. */
  content: string;
  path?: string;
  disable?: boolean;
  shared?: boolean;
  /** The nodes that it is restricted to. */
  nodes?: string[];
  /** Everything else as configured (`prune-backups`, `preallocation`, `server` …), values as strings. */
  options: Record<string, string>;
  /** Emulated capacity in bytes. */
  capacityBytes: number;
}

/** A file on a storage, as its content list shows it. */
export interface VolumeRecord {
  volid: string;
  storage: string;
  /** The node whose file it is; empty on a shared storage. */
  node: string;
  content: 'images' | 'rootdir' | 'iso' | 'vztmpl' | 'import' | 'snippets' | 'backup';
  format: string;
  sizeBytes: number;
  /** The file system on it, where it did not grow with the volume. */
  fileSystemBytes?: number;
  usedBytes: number;
  /** Seconds since 1970. */
  ctime: number;
  vmid?: number;
  /** The volume id of the base that a linked clone reads from. */
  parent?: string;
  notes?: string;
  protected?: boolean;
  /** Allocated by a client through the storage, not for a guest's configuration. */
  byHand?: boolean;
  /** A snippet that may be run as a hook script. */
  executable?: boolean;
}

/** One guest's configuration file and where it lies. Whether it runs is the runtime's knowledge. */
export interface GuestRecord {
  vmid: number;
  kind: 'qemu' | 'lxc';
  node: string;
  config: GuestConfig;
}

/** A finished or running task. */
export interface TaskRecord {
  upid: string;
  node: string;
  pid: number;
  pstart: number;
  /** Seconds since 1970. */
  starttime: number;
  type: string;
  id: string;
  /** Who started it: `root@pam` or `root@pam!token`. */
  user: string;
  endtime?: number;
  /** `OK`, `WARNINGS: n` or an error text; absent while it runs. */
  exitstatus?: string;
  log: string[];
}

/** A user of `user.cfg`, with the hash of a `pve` realm password. */
export interface UserRecord {
  enable: boolean;
  expire: number;
  firstname?: string;
  lastname?: string;
  email?: string;
  comment?: string;
  keys?: string;
  groups: string[];
  passwordHash?: string;
  tokens: Record<string, TokenRecord>;
}

/** An API token; only a hash of its secret is kept. */
export interface TokenRecord {
  privsep: boolean;
  expire: number;
  comment?: string;
  secretHash: string;
}

/** One line of the access control list. `subject` is a user, a group (`@name`) or a token (`user@realm!token`). */
export interface AclEntry {
  path: string;
  subject: string;
  role: string;
  propagate: boolean;
}

/** A resource pool; guests and storages that belong to it. */
export interface PoolRecord {
  comment?: string;
  vms: number[];
  storages: string[];
}

/** A realm of `domains.cfg`. */
export interface RealmRecord {
  type: string;
  comment?: string;
  default?: boolean;
  options: Record<string, string>;
}

/** What the rest of a cluster believes about a guest between two broadcasts of pvestatd (every ten seconds). */
export interface BroadcastGuest {
  status: string;
  name: string;
  template: boolean;
  readings: JsonObject;
}

/**
 * Everything that the lab knows, as plain JSON data: two levels, collections of records. Change it in place: when a state directory is in use, changed
 * records are written at the end of the request or task step that changed them.
 */
export interface LabState {
  /** Format of the data, raised with incompatible changes. */
  meta: { version: 1; release: LabRelease; cluster: string; sequence: Record<string, number> };
  nodes: Record<string, NodeState>;
  storages: Record<string, StorageEntry>;
  /** By `NODE/VOLID`; NODE is empty on shared storages. */
  volumes: Record<string, VolumeRecord>;
  /** By vmid. */
  guests: Record<string, GuestRecord>;
  /** By UPID, oldest first. */
  tasks: Record<string, TaskRecord>;
  users: Record<string, UserRecord>;
  groups: Record<string, { comment?: string }>;
  roles: Record<string, { privileges: string[] }>;
  acl: Record<string, AclEntry>;
  pools: Record<string, PoolRecord>;
  realms: Record<string, RealmRecord>;
  /** Keys that sign tickets and CSRF tokens. */
  keys: Record<string, string>;
  /** `datacenter.cfg`. */
  datacenter: Record<string, string>;
  /** pvestatd's last broadcast by vmid. */
  broadcast: Record<string, BroadcastGuest>;
  /** Firewall files by scope: `cluster`, `node/NAME`, `guest/VMID`. */
  firewall: Record<string, FirewallFile>;
  /** The guest runtime's own records. */
  disks: Record<string, JsonValue>;
  runtimeGuests: Record<string, JsonValue>;
  /** Running containers by vmid, for the next life of the lab. */
  runtimeContainers: Record<string, JsonValue>;
  /** Whatever else an area keeps, by `AREA/NAME`. */
  extra: Record<string, JsonValue>;
}
