import type { CloudConfigPart, RenderedSeed } from '@phoenix/cloudinit';
import type { GuestShell, ResolvedFeature } from '@phoenix/features';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import type { z } from 'zod';
import type { Step } from '../apply/step-context.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import type { Action, Change, Notice, planPolicySchema, StepName } from '../plan/plan.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';
import type { ImportedGuest, ImportOptions } from './import/imported-guest.js';
import type { PasswordDisguise } from './password-disguise.js';

/** Where a guest is, and what is known of its state without asking for it alone. */
export interface GuestPlace {
  readonly vmid: number;
  readonly node: string;
  readonly pool?: string | undefined;
  /** States of the guests of its node, by vmid, where they are being asked for anyway. One that is not among them is asked for alone. */
  readonly states?: Promise<LiveStates> | undefined;
}

/** States of guests of one node and kind, by vmid. */
export type LiveStates = ReadonlyMap<number, LiveState>;

/** State of a guest as its node knows it, which does not lag as the cluster's list does. */
export interface LiveState {
  readonly status: string;
  readonly template?: boolean | number | undefined;
  /** Seconds. */
  readonly uptime?: number | undefined;
}

/** What a guest is given beyond its configuration keys, gathered before planning, so that planning stays pure. */
export interface GuestMaterials {
  /** In the order in which they run, with those that others require. */
  readonly features: readonly ResolvedFeature[];
  /** Digest of the features with their options and files; absent when there are none. */
  readonly featuresDigest?: string;
  /** The seed for the given MAC addresses by interface index; absent where the kind has no seeds. Pure: secrets were resolved before. */
  readonly seed?: (macs: ReadonlyMap<number, string>) => GuestSeed;
}

/** A cloud-init seed. Equal digests mean equal content. */
export interface GuestSeed {
  /** Twelve digits of the SHA-256 of everything the content follows from; cheap, nothing is rendered for it. */
  readonly digest: string;
  /** @throws CloudinitError for a template that cannot be rendered */
  render(): RenderedSeed;
  /** Renders and writes it: the bytes of the ISO. @throws CloudinitError as `render` */
  write(): Uint8Array;
}

/** What the seeds of many guests share. */
export interface SeedSurroundings {
  /** Cloud-config of the guest's features. */
  readonly featureConfigs: readonly CloudConfigPart[];
  readonly secrets: SecretResolver;
  readonly disguise: PasswordDisguise;
}

/** Options that change what is planned. */
export type PlanPolicy = z.infer<typeof planPolicySchema>;

export interface PlanGuestInput<Declared extends DeclaredGuest> {
  readonly declared: Declared;
  readonly config: Config;
  readonly inventory: Inventory;
  readonly materials: GuestMaterials;
  /** Those of another guest, such as the clone source; undefined where they were not gathered. */
  readonly materialsOf: (vmid: number) => GuestMaterials | undefined;
  readonly policy: PlanPolicy;
}

/** What a way into a guest is made with. */
export interface ShellWay {
  readonly client: ProxmoxClient;
  readonly config: Pick<Config, 'containerShell'>;
  /** Ends waits. */
  readonly signal: AbortSignal;
}

/** What a kind plans for one guest; the planner adds the order between guests. */
export interface GuestDraft {
  readonly node: string;
  readonly kind: Action['kind'];
  readonly reason: Action['reason'];
  /** Images and the like; equal ids of several guests are planned once. */
  readonly shared: readonly Action[];
  readonly actions: readonly Action[];
  readonly drift: readonly Change[];
  readonly notices: readonly Notice[];
}

/**
 * One kind of guest: how it is read, planned and changed. Planner and executor know kinds only through this seam.
 * `plan` is pure and throws a `PhoenixError` for what can never work (a storage that does not exist, a guest that is not ours).
 */
export interface GuestKind<Declared extends DeclaredGuest = DeclaredGuest> {
  readonly kind: Declared['kind'];
  /** Narrows a declaration to this kind. */
  accepts(declared: DeclaredGuest): declared is Declared;
  /** What a storage must hold to keep the images that guests of this kind are made from. */
  readonly imageContent: 'import' | 'vztmpl';
  /** Reads one guest: one request where `place.states` tells its state. Rejects with `PVE_NOT_FOUND` when it is not where the row says. */
  read(
    client: ProxmoxClient,
    place: GuestPlace,
    options: { readonly signal?: AbortSignal },
  ): Promise<ObservedGuest>;
  plan(input: PlanGuestInput<Declared>): GuestDraft;
  /** A guest of the cluster as a declaration that changes nothing of it. Pure. */
  import(guest: ObservedGuest, options: ImportOptions): ImportedGuest;
  /** The seed of a guest, its secrets resolved; absent where Proxmox VE itself configures the guest. */
  createSeed?(declared: Declared, surroundings: SeedSurroundings): Promise<GuestMaterials['seed']>;
  /** What `wait-agent` waits for after a start that was asked for by itself, in words; undefined: nothing. */
  answersWith(guest: ObservedGuest): string | undefined;
  /** Addresses of a running guest's own interfaces, as they are; may reject when the guest does not answer. */
  listAddresses(
    client: ProxmoxClient,
    guest: ObservedGuest,
    options: { readonly signal?: AbortSignal },
  ): Promise<readonly string[]>;
  /** The way into a running guest for commands and files; nothing is sent until it is used. */
  openShell(way: ShellWay, guest: { readonly node: string; readonly vmid: number }): GuestShell;
  readonly steps: Readonly<Partial<Record<StepName, Step>>>;
}
