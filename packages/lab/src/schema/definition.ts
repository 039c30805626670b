/** The definition of one parameter or of one key of a property string, as PVE's schema gives it, without descriptions. */
export interface Definition {
  readonly type?: string;
  readonly optional?: number;
  /** A named format, or the keys of a property string. */
  readonly format?: string | Definitions;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A Perl regular expression, anchored at both ends. */
  readonly pattern?: string;
  readonly enum?: readonly (string | number)[];
  /** Another parameter that must be given too. */
  readonly requires?: string;
  readonly items?: Definition;
  readonly properties?: Definitions;
  readonly default_key?: number;
  /** This key is another name of that one … */
  readonly alias?: string;
  /** … and itself the value of that third one (`virtio=MAC` is `model=virtio,macaddr=MAC`). */
  readonly keyAlias?: string;
  readonly oneOf?: readonly Definition[];
  readonly 'instance-types'?: readonly string[];
  readonly 'type-property'?: string;
}

/** Definitions by name; `net[n]` stands for `net0`, `net1` … */
export type Definitions = Readonly<Record<string, Definition>>;

/** A permission check of the schema: `['perm', '/vms/{vmid}', ['VM.Audit']]`, `['and', …]`, `['or', …]` and the like. */
export type PermissionCheck = readonly [string, ...unknown[]];

/** What the schema says about one method. */
export interface MethodFacts {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Unknown parameters are allowed. */
  readonly open?: number;
  readonly permissions?: { readonly user?: 'all' | 'world'; readonly check?: PermissionCheck };
  /** Answered by pvedaemon, as root. */
  readonly protected?: number;
  /** The parameter that names the node to forward to. */
  readonly proxyTo?: string;
  readonly noToken?: number;
  readonly index?: string;
}
