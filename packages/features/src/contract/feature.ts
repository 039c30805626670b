import type { z } from 'zod';

/** The version of the contract between packs and the runner; stamped on a feature by `defineFeature`. */
export const FEATURE_CONTRACT = 1;

/** The operating system of a guest, from its /etc/os-release. */
export interface GuestPlatform {
  /** `debian`, `ubuntu`, …; `unknown` where the guest has no os-release. */
  readonly id: string;
  /** `12`, `24.04`; empty for rolling releases. */
  readonly version: string;
  /** Relatives: Ubuntu is like `debian`. */
  readonly like: readonly string[];
  /** As `uname -m` prints it: `x86_64`, `aarch64`. */
  readonly architecture: string;
}

/** A system that a feature supports: all its versions, or those from `minVersion` on. */
export interface SupportedPlatform {
  readonly id: string;
  readonly minVersion?: string;
}

/** What a hook knows when it computes its environment. */
export interface HookContext<Options> {
  readonly options: Options;
  readonly platform: GuestPlatform;
}

/** One script of a feature. */
export interface FeatureHook<Options> {
  /** Path of the script inside the feature's files, e.g. `apply.sh`. */
  readonly script: string;
  /** Deadline; default 60 s for check, 3600 s for apply, 300 s for verify, 600 s for remove. */
  readonly timeoutMs?: number;
  /** Further environment variables, beside `PHOENIX_OPTION_*`. */
  environment?(context: HookContext<Options>): Readonly<Record<string, string>>;
}

/** The four hooks, in the order in which they run. */
export const FEATURE_HOOKS = ['check', 'apply', 'verify', 'remove'] as const;
export type FeatureHookName = (typeof FEATURE_HOOKS)[number];

/**
 * What a pack author writes. Exit codes of the scripts: `check` 0 in place, 126/127 cannot run, anything else not
 * in place; `apply`, `verify`, `remove` 0 done, 194 reboot the guest and run this script again, anything else failed.
 */
export interface FeatureDefinition<Schema extends z.ZodType> {
  /** Lower-case letters, digits, `_` and `-`; what a config names. */
  readonly name: string;
  /** Semantic version; a change makes the feature apply again. */
  readonly version: string;
  /** One sentence. */
  readonly description: string;
  /** zod schema of the options; default: no options. */
  readonly options?: Schema;
  /** Features that must be there before; they must be declared (or are added with their defaults). */
  readonly requires?: readonly string[];
  /** Features that come before this one if they are declared at all. */
  readonly after?: readonly string[];
  /** Features that cannot be on the same guest. */
  readonly conflicts?: readonly string[];
  /** Systems that it supports; default: any. */
  readonly platforms?: readonly (string | SupportedPlatform)[];
  /** Directory with the scripts, delivered whole: `new URL('./scripts/', import.meta.url)`. */
  readonly files: URL;
  readonly check?: string | FeatureHook<z.output<Schema>>;
  readonly apply: string | FeatureHook<z.output<Schema>>;
  readonly verify?: string | FeatureHook<z.output<Schema>>;
  readonly remove?: string | FeatureHook<z.output<Schema>>;
  /** `after-apply`: the guest restarts between `apply` and `verify`. */
  readonly reboot?: 'never' | 'after-apply';
  /** A cloud-config fragment that is merged into the guest's user-data on its first boot. */
  cloudConfig?(context: { readonly options: z.output<Schema> }): Readonly<Record<string, unknown>>;
}

/** A hook in its full form. */
export interface NormalHook {
  readonly script: string;
  readonly timeoutMs: number;
  environment?(context: HookContext<unknown>): Readonly<Record<string, string>>;
}

/** A checked feature, plain but for the schema and the two functions; what sources yield and the runner runs. */
export interface Feature {
  readonly contract: typeof FEATURE_CONTRACT;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly options: z.ZodType;
  readonly requires: readonly string[];
  readonly after: readonly string[];
  readonly conflicts: readonly string[];
  readonly platforms: readonly SupportedPlatform[];
  /** `file:` URL of the directory that holds the scripts, with a slash at its end. */
  readonly files: string;
  readonly hooks: Readonly<Partial<Record<FeatureHookName, NormalHook>> & { readonly apply: NormalHook }>;
  readonly reboot: 'never' | 'after-apply';
  cloudConfig?(context: { readonly options: unknown }): Readonly<Record<string, unknown>>;
}
