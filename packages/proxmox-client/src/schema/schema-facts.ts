/** What PVE's schema says of one value. */
export interface ValueFacts {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';
  readonly optional?: 1;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression that the whole value matches. */
  readonly pattern?: string;
  /** Name of a format that PVE checks by code. */
  readonly format?: string;
  /** Another parameter that must be given too. */
  readonly requires?: string;
  /** Of arrays: the number of the description of the items. */
  readonly items?: number;
  /** Of objects: the numbers of the descriptions by key; `net[n]` stands for net0, net1, … */
  readonly properties?: Readonly<Record<string, number>>;
}

/** Who may call: `user` for everybody (`all`: logged in, `world`: anybody), or a check of privileges as PVE writes it. */
export interface PermissionFacts {
  readonly user?: string;
  /** For instance `['perm', '/vms/{vmid}', ['VM.Audit']]`, or `['and', …]` and `['or', …]` of such. */
  readonly check?: readonly unknown[];
  /** Where releases differ: one rule per release that has the call. */
  readonly byRelease?: readonly (PermissionFacts | null)[];
}

/** What PVE's schema says of one call. A list instead of a number has one entry per release, -1 where the release lacks it. */
export interface RouteFacts {
  /** The releases that have the call; absent when all do. */
  readonly in?: readonly string[];
  readonly parameters?: Readonly<Record<string, number | readonly number[]>>;
  /** Number of the description of the answer; a list has one entry per release that has the call. */
  readonly data: number | readonly number[];
  /** Done by the privileged daemon, on the node of the path. */
  readonly protected?: 1;
  /** The path parameter that names the node to which the call is passed on. */
  readonly proxyto?: string;
  /** API tokens may not call this. */
  readonly allowtoken?: 0;
  /** Absent: root@pam only. */
  readonly permissions?: PermissionFacts;
}

/** The facts of PVE's own API schema, without its prose. */
export interface SchemaFacts {
  readonly releases: readonly string[];
  /** Highest index of each indexed key, by its name without number: `net` 31. */
  readonly indexes: Readonly<Record<string, number>>;
  readonly values: readonly ValueFacts[];
  readonly routes: Readonly<Record<string, RouteFacts>>;
}

let loading: Promise<SchemaFacts> | undefined;

/** Reads the table of facts; some milliseconds the first time, shared afterwards. */
export function loadSchemaFacts(): Promise<SchemaFacts> {
  loading ??= import('./generated/facts.js').then(({ factsJson }): SchemaFacts => JSON.parse(factsJson));
  return loading;
}
