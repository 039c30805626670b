import type { Marker } from './marker.js';

/** A value of a guest's configuration as Proxmox VE answered it. */
export type WireValue = string | number | boolean;

/** What the cluster's view says about a guest; placement is current, name, status and template may lag by ten seconds. */
export interface ResourceRow {
  readonly vmid: number;
  readonly kind: 'machine' | 'container';
  readonly node: string;
  readonly name?: string;
  readonly status: string;
  readonly template: boolean;
  readonly lock?: string;
  readonly tags: readonly string[];
  readonly pool?: string;
}

/** A key whose change waits for a cold start. */
export interface PendingKey {
  /** In effect now; absent where the key is not set. */
  readonly effective?: WireValue;
  /** After the next cold start; absent where the key will be removed. */
  readonly pending?: WireValue;
}

/** One guest, read whole. */
export interface ObservedGuest {
  readonly vmid: number;
  readonly kind: 'machine' | 'container';
  readonly node: string;
  readonly name?: string;
  readonly status: 'running' | 'stopped';
  readonly template: boolean;
  readonly lock?: string;
  /** SHA-1 of the configuration file; guards writes. */
  readonly digest: string;
  /** Keys as they will be after the next cold start; without `digest`. */
  readonly config: Readonly<Record<string, WireValue>>;
  readonly pending: Readonly<Record<string, PendingKey>>;
  /** The part of the description that is for people. */
  readonly text: string;
  /** Absent on guests that are not Phoenix', copies made by hand included. */
  readonly marker?: Marker;
  readonly pool?: string;
  readonly uptimeSeconds?: number;
}

export interface ObservedStorage {
  readonly storage: string;
  readonly node: string;
  /** `images`, `iso`, `import`, … */
  readonly content: readonly string[];
  readonly active: boolean;
  readonly shared: boolean;
  /** `dir`, `lvmthin`, … */
  readonly type: string;
}

export interface ObservedNode {
  readonly node: string;
  readonly online: boolean;
  /** Bridges; absent where they were not needed or the token may not list them. */
  readonly bridges?: readonly string[];
}

/** The part of a cluster that a plan needs, read once. Plain data: can be stored, compared and made up in tests. */
export interface Inventory {
  /** `8.4`, `9.2`. */
  readonly release: string;
  /** By name. */
  readonly nodes: readonly ObservedNode[];
  /** By node and name. */
  readonly storages: readonly ObservedStorage[];
  /** Every guest of the cluster that the token may see, by vmid. */
  readonly resources: readonly ResourceRow[];
  /** The guests concerned, by vmid. */
  readonly guests: Readonly<Record<string, ObservedGuest>>;
  /** Volume ids of images and container templates, by `node/storage`; only of storages that a missing guest needs. */
  readonly images: Readonly<Record<string, readonly string[]>>;
}
