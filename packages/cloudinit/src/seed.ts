/** JSON as it stands in a cloud-config. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** The three files of a NoCloud seed, as text. */
export interface Seed {
  readonly userData: string;
  readonly metaData: string;
  /** Absent: the image's own network settings hold. */
  readonly networkConfig?: string;
}

/** Something that the user should know about a seed and that is no error. */
export interface SeedNotice {
  readonly message: string;
  readonly hint?: string;
}

/** A seed with what was noticed while rendering it. */
export interface RenderedSeed extends Seed {
  readonly instanceId: string;
  readonly notices: readonly SeedNotice[];
}

/** The user made on first boot. */
export interface SeedUser {
  readonly username: string;
  /** Full name. */
  readonly comment?: string;
  readonly sshKeys?: readonly string[];
  /** In the clear or as a crypt hash (`$6$…`); only a hash is written into the seed. */
  readonly password?: string;
  readonly groups?: readonly string[];
  /** Default `/bin/bash`. */
  readonly shell?: string;
}

export type SeedAddress =
  | { readonly kind: 'dhcp' }
  | { readonly kind: 'auto' }
  /** `address` in CIDR notation. */
  | { readonly kind: 'static'; readonly address: string; readonly gateway?: string };

/** One network interface, found by its MAC address in the guest and called `eth<index>` there. */
export interface SeedNetwork {
  /** Default: its place in the list. */
  readonly index?: number;
  /** May be absent only where there is one interface. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly ipv4?: SeedAddress;
  readonly ipv6?: SeedAddress;
  readonly nameservers?: readonly string[];
  readonly searchDomains?: readonly string[];
}

/** A template of user-data: its text, and its place for messages. */
export interface UserDataTemplate {
  readonly path: string;
  readonly text: string;
}

/** Settings that a part of the configuration, such as a feature, adds to the user-data. */
export interface CloudConfigPart {
  /** For messages: `feature docker`. */
  readonly source: string;
  readonly config: JsonObject;
}

export interface SeedInput {
  /** Name of the guest. With a dot it is the fully qualified name, and its first label the host name. */
  readonly name: string;
  /** Identity of the instance to cloud-init; when it changes, first-boot steps run again. Default: drawn from the contents. */
  readonly instanceId?: string;
  readonly user?: SeedUser;
  /** Absent or empty: no network-config. */
  readonly networks?: readonly SeedNetwork[];
  /** Default: the built-in template. */
  readonly userDataTemplate?: UserDataTemplate;
  /** Further variables of the template, over the built-in ones. */
  readonly variables?: JsonObject;
  readonly cloudConfigs?: readonly CloudConfigPart[];
  /** Install the QEMU guest agent on first boot where it is missing, and start it at every boot; default true. */
  readonly guestAgent?: boolean;
}
