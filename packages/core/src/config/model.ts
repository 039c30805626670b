import type { CatalogueImage } from './catalogue-image.js';
import type { ConfigProblem, SourcePosition } from './config-problem.js';

/** JSON as it stands in a configuration file. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** A secret that is named and not written down: `env:NAME`, `file:path` or `cmd:program arguments`. Resolved last, by `resolveSecrets`. */
export interface SecretReference {
  readonly $secret: string;
}

/** Where the first disk of a machine, or the file system of a container, comes from. */
export type ImageReference =
  | { readonly kind: 'catalogue'; readonly name: string; readonly image: CatalogueImage }
  | { readonly kind: 'url'; readonly url: string; readonly checksum?: ImageChecksum }
  /** A file on the machine that runs Phoenix; absolute. */
  | { readonly kind: 'path'; readonly path: string }
  /** A volume id of Proxmox VE, `storage:import/x.qcow2`. */
  | { readonly kind: 'volume'; readonly volid: string }
  /** A container template by its file name in the index of Proxmox VE (`aplinfo`); containers only. */
  | { readonly kind: 'appliance'; readonly name: string };

export interface ImageChecksum {
  readonly algorithm: 'sha256' | 'sha512';
  /** Lower-case hexadecimal. */
  readonly value: string;
}

export interface CloneSource {
  readonly vmid: number;
  /** A linked clone shares the disk of its template; default is a full one. */
  readonly linked: boolean;
  /** The snapshot to clone from: the source's `template_snapshot_name`, where the source is declared here and stays a machine. */
  readonly snapshotName?: string;
}

export type DeclaredAddress =
  | { readonly kind: 'dhcp' }
  /** Router advertisements (IPv6 only). */
  | { readonly kind: 'auto' }
  /** `address` in CIDR notation, `10.0.0.101/24` or `fd00::2/64`. */
  | { readonly kind: 'static'; readonly address: string; readonly gateway?: string };

/** One network interface. `index` is its place: `net0` is 0. Absent values are left as the clone source or Proxmox VE has them. */
export interface DeclaredNetwork {
  readonly index: number;
  /** Name inside a container, `eth0`; machines name theirs themselves. */
  readonly name?: string;
  readonly bridge?: string;
  /** Lower case, `52:54:00:aa:bb:cc`. */
  readonly mac?: string;
  readonly vlan?: number;
  readonly mtu?: number;
  /** Device model of a machine's interface; default virtio. */
  readonly model?: string;
  readonly firewall?: boolean;
  readonly ipv4?: DeclaredAddress;
  readonly ipv6?: DeclaredAddress;
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly position: SourcePosition;
}

export interface DeclaredUser {
  readonly username: string;
  /** Full name. */
  readonly comment?: string;
  readonly sshKeys: readonly (string | SecretReference)[];
  readonly password?: string | SecretReference;
  readonly groups: readonly string[];
  readonly shell?: string;
}

/** A feature as it is asked for; the pack's own schema checks `options` when features are resolved. */
export interface DeclaredFeature {
  readonly name: string;
  readonly version?: string;
  /** May hold secret references at any depth. */
  readonly options: JsonObject;
  readonly position: SourcePosition;
}

export interface DeclaredHealthCheck {
  /** A string is run by `/bin/sh -c`; an array is a program and its arguments. */
  readonly command: string | readonly string[];
  /** Attempts after the first; default 3. */
  readonly retries: number;
  /** Between attempts; default 10 000. */
  readonly intervalMs: number;
  /** Of one attempt; default 30 000. */
  readonly timeoutMs: number;
}

/** Time-outs of the steps, where the user set them. */
export interface DeclaredTimeouts {
  readonly agentMs?: number;
  readonly cloudInitMs?: number;
  readonly featureMs?: number;
  readonly shutdownMs?: number;
  readonly downloadMs?: number;
  readonly cloneMs?: number;
  readonly lockMs?: number;
}

export interface DeclaredFirewallRule {
  readonly type: 'in' | 'out' | 'group';
  /** `ACCEPT`, `DROP`, `REJECT`, or the name of a security group. */
  readonly action: string;
  readonly source?: string;
  readonly dest?: string;
  readonly proto?: string;
  readonly port?: string;
  readonly sourcePort?: string;
  readonly macro?: string;
  readonly iface?: string;
  readonly comment?: string;
  readonly log?: string;
  readonly enabled: boolean;
}

export interface DeclaredFirewall {
  readonly enabled: boolean;
  readonly policyIn?: 'ACCEPT' | 'DROP' | 'REJECT';
  readonly policyOut?: 'ACCEPT' | 'DROP' | 'REJECT';
  readonly rules: readonly DeclaredFirewallRule[];
}

/** A directory of an NFS server, mounted in the guest. */
export interface DeclaredNfsVolume {
  readonly kind: 'nfs';
  readonly name?: string;
  readonly server: string;
  /** On the server. */
  readonly path: string;
  /** In the guest. */
  readonly mountPoint: string;
  /** Mount options; default `defaults,_netdev,nofail`. */
  readonly options?: string;
}

/** A disk of its own, formatted where it is blank, and mounted in the guest. */
export interface DeclaredDiskVolume {
  readonly kind: 'disk';
  /** Where it is attached: `scsi30` downwards in a machine, `mp100` upwards in a container. */
  readonly slot: string;
  readonly name?: string;
  readonly storage?: string;
  readonly sizeGib: number;
  readonly mountPoint: string;
}

export type DeclaredVolume = DeclaredNfsVolume | DeclaredDiskVolume;

/** A further disk of a machine, attached and left to the guest. */
export interface DeclaredExtraDisk {
  /** The key that holds it, `scsi1`. */
  readonly slot: string;
  readonly storage?: string;
  readonly sizeGib: number;
  readonly ssd?: boolean;
  readonly discard?: boolean;
  readonly format?: 'raw' | 'qcow2' | 'vmdk';
}

/** A mount point of a container: a new volume, a given volume, or a bind mount (root@pam only). */
export interface DeclaredMountPoint {
  /** `mp0`. */
  readonly slot: string;
  /** Path in the container. */
  readonly path: string;
  /** A volume id, or an absolute path of the node for a bind mount. */
  readonly source?: string;
  readonly storage?: string;
  readonly sizeGib?: number;
  readonly readOnly?: boolean;
  readonly backup?: boolean;
  readonly ownerUid?: number;
  readonly ownerGid?: number;
  readonly options?: string;
}

/** A raw key of Proxmox VE, handed on as it is. */
export interface PveOption {
  readonly key: string;
  readonly value: string | number | boolean;
  readonly position: SourcePosition;
}

/** A template for user-data: the text of the file, and where it was read. */
export interface UserDataTemplate {
  readonly path: string;
  readonly text: string;
}

/** What machines and containers have in common. */
export interface DeclaredGuestCommon {
  readonly vmid: number;
  readonly name: string;
  /** Where the guest is declared. */
  readonly position: SourcePosition;
  /** Nodes the guest may be placed on, in order of preference; empty: any. A wish, not an identity: the guest may have moved. */
  readonly nodes: readonly string[];
  /** Absent: not declared; left as the clone source or Proxmox VE has it. The same holds for every optional hardware key. */
  readonly memoryMib?: number;
  readonly cores?: number;
  /** Size of the first disk or of the root file system; it only grows. */
  readonly diskGib?: number;
  /** Storage of that disk. */
  readonly storage?: string;
  readonly networks: readonly DeclaredNetwork[];
  readonly user?: DeclaredUser;
  readonly features: readonly DeclaredFeature[];
  readonly image?: ImageReference;
  readonly cloneFrom?: CloneSource;
  readonly isTemplate: boolean;
  readonly templateSnapshotName?: string;
  readonly snapshots: { readonly preFeatures?: string; readonly postFeatures?: string };
  /** Guests that must be up first, as declared; the clone source is not repeated here. */
  readonly dependencies: readonly number[];
  readonly tags: readonly string[];
  readonly pool?: string;
  readonly description?: string;
  readonly startAtBoot?: boolean;
  readonly bootOrder?: number;
  readonly bootDelaySeconds?: number;
  /** Not started when it is found off; default false. */
  readonly leaveStopped?: boolean;
  /** Whether it is restarted when changes wait for that; default `never`. */
  readonly reboot?: 'never' | 'if-pending';
  readonly protection?: boolean;
  readonly firewall?: DeclaredFirewall;
  readonly volumes: readonly DeclaredVolume[];
  readonly healthCheck?: DeclaredHealthCheck;
  readonly timeouts: DeclaredTimeouts;
  readonly pveOptions: readonly PveOption[];
  /** Where each key of the declaration stands, by its path joined with dots: `network_config.ip`. Inherited keys point to the defaults. */
  readonly positions: Readonly<Record<string, SourcePosition>>;
}

/** A virtual machine as it is declared: normalised, defaults merged, units converted. */
export interface DeclaredMachine extends DeclaredGuestCommon {
  readonly kind: 'machine';
  readonly sockets?: number;
  readonly cpuType?: string;
  readonly bios?: 'seabios' | 'ovmf';
  readonly machineType?: string;
  readonly extraDisks: readonly DeclaredExtraDisk[];
  /** Storage with `import` content for images; absent: chosen on the node. */
  readonly imageStorage?: string;
  /** Storage with `iso` content for seeds; absent: chosen on the node. */
  readonly seedStorage?: string;
  readonly userDataTemplate?: UserDataTemplate;
}

/** A container as it is declared: normalised, defaults merged, units converted. */
export interface DeclaredContainer extends DeclaredGuestCommon {
  readonly kind: 'container';
  readonly swapMib?: number;
  /** Default true. */
  readonly unprivileged: boolean;
  readonly nesting?: boolean;
  readonly mountPoints: readonly DeclaredMountPoint[];
  /** Storage with `vztmpl` content; absent: chosen on the node. */
  readonly imageStorage?: string;
  /** Raw `lxc.*` lines; no API takes them, the plan says so. */
  readonly lxcOptions: readonly PveOption[];
}

export type DeclaredGuest = DeclaredMachine | DeclaredContainer;

/** How the SSH server of a node is reached; what is absent is left to `ssh` itself. */
export interface ContainerShellAccess {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** Absolute. */
  readonly identityFile?: string;
  /** Absolute. */
  readonly knownHostsFile?: string;
  /** Run `pct` through `sudo -n`. */
  readonly sudo?: boolean;
}

/** `pct exec` over SSH, with what differs for single nodes. */
export interface SshContainerShell extends ContainerShellAccess {
  readonly kind: 'ssh';
  readonly connectTimeoutMs: number;
  /** By the name of the node, in lower case. */
  readonly nodes: Readonly<Record<string, ContainerShellAccess>>;
}

/** The way into containers. */
export type ContainerShellChoice = { readonly kind: 'terminal' } | SshContainerShell;

/** The whole configuration: plain data, free of problems that are errors. */
export interface Config {
  /** By vmid, ascending. */
  readonly guests: readonly DeclaredGuest[];
  /** The built-in catalogue with the configuration's own entries over it, by name. */
  readonly images: Readonly<Record<string, CatalogueImage>>;
  /** npm packages with feature packs, resolved from `directory`. */
  readonly featurePacks: readonly string[];
  /** Directories of `feature_install_<name>.sh` scripts, absolute. */
  readonly featureDirectories: readonly string[];
  /** The way into containers, where a file names one; absent: their terminal. */
  readonly containerShell?: ContainerShellChoice;
  /** The directory of the first file; relative paths in it are resolved against their own file's. */
  readonly directory: string;
  readonly files: readonly string[];
  readonly warnings: readonly ConfigProblem[];
}
