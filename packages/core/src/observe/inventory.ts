/** A value of a guest's configuration as Proxmox VE answered it. */
export type WireValue = string | number | boolean;

/** What the cluster's view says about a guest; placement is current, the rest may lag by ten seconds. */
export interface ResourceRow {
  readonly vmid: number;
  readonly type: 'qemu' | 'lxc';
  readonly node: string;
  readonly name?: string;
  readonly status: string;
  readonly template: boolean;
  readonly lock?: string;
  readonly tags: readonly string[];
  readonly pool?: string;
}

/** What Phoenix remembers about a guest on the guest itself. See `marker.ts`. */
export interface Marker {
  readonly v: 1;
  readonly id: number;
  /** Work that is finished: digest of the declaration when everything of it had been applied. */
  readonly done?: string;
  /** Digest of the seed attached last. */
  readonly seed?: string;
  /** Digest of the resolved features that were applied last. */
  readonly features?: string;
  /** Values of the keys as Phoenix last wrote them. */
  readonly applied: Readonly<Record<string, WireValue>>;
}

/** One guest, read whole. */
export interface ObservedGuest {
  readonly vmid: number;
  readonly kind: 'machine' | 'container';
  readonly node: string;
  readonly name?: string;
  readonly status: 'running' | 'stopped' | 'unknown';
  readonly template: boolean;
  readonly lock?: string;
  /** SHA-1 of the configuration file; guards writes. */
  readonly digest: string;
  /** Keys as they will be after the next cold start. */
  readonly config: Readonly<Record<string, WireValue>>;
  /** Keys whose change waits for a cold start, with the value that is in effect now. */
  readonly pending: Readonly<
    Record<string, { readonly effective?: WireValue; readonly pending?: WireValue }>
  >;
  readonly marker?: Marker;
  readonly snapshots?: readonly string[];
  readonly uptimeSeconds?: number;
}

export interface ObservedStorage {
  readonly storage: string;
  readonly node: string;
  readonly content: readonly string[];
  readonly active: boolean;
  readonly shared: boolean;
  readonly type: string;
}

export interface ObservedNode {
  readonly node: string;
  readonly online: boolean;
  /** Names of bridges; absent where the token may not list them. */
  readonly bridges?: readonly string[];
}

/** The part of a cluster that a plan needs, read once. Plain data: can be stored, compared and made up in tests. */
export interface Inventory {
  /** `8.4`, `9.2`. */
  readonly release: string;
  readonly nodes: readonly ObservedNode[];
  readonly storages: readonly ObservedStorage[];
  /** Every guest of the cluster, as far as the token may see. */
  readonly resources: readonly ResourceRow[];
  /** Guests concerned, by vmid. */
  readonly guests: Readonly<Record<string, ObservedGuest>>;
  /** Volume ids of images present, by `node/storage`. */
  readonly images: Readonly<Record<string, readonly string[]>>;
}
