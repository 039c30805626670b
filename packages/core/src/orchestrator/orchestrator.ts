import type { RenderedSeed } from '@phoenix/cloudinit';
import type { GuestShell } from '@phoenix/features';
import type { PhoenixEvent } from '../apply/phoenix-event.js';
import type { ImportedConfig } from '../import/import-guests.js';
import type { Inventory } from '../observe/inventory.js';
import type { Plan } from '../plan/plan.js';

/** Guests named by vmid; `'all'` is every guest of the configuration. */
export type Targets = readonly number[] | 'all';

export interface PlanOptions {
  /** Takes over guests that exist under a declared vmid without carrying Phoenix' marker; default false. */
  readonly adopt?: boolean;
  /** Allows deleting and making anew what cannot be changed in place; only for guests that carry the marker; default false. */
  readonly allowReplace?: boolean;
  /** Sets keys back that somebody else changed since Phoenix last applied them; default true. */
  readonly correctDrift?: boolean;
  /**
   * Plans a look inside at whether the features are still as recorded, which nobody knows before the guest is asked; default false, which
   * trusts the record. What cannot be known, such as the inside of a template, is named in a notice.
   */
  readonly checkFeatures?: boolean;
  /** `if-pending` restarts guests whose changes wait for a cold start; default: the machine's own setting, else `never`. */
  readonly reboot?: 'never' | 'if-pending';
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  /** Actions that run at the same time; default 16. */
  readonly parallel?: number;
  /** Stops starting actions after the first failure; default false: independent guests go on. */
  readonly failFast?: boolean;
  /** Runs the remove scripts of features that left a guest's declaration; default false: they stay, and a warning says so. */
  readonly removeFeatures?: boolean;
  /**
   * Aborting finishes the request in flight and starts nothing more; what is left running on the cluster is in the summary.
   * Running again continues.
   */
  readonly signal?: AbortSignal;
}

export interface PowerOptions extends ApplyOptions {
  /** `stop` without asking the guest first; default false: shut down gracefully within the time-out, then stop. */
  readonly force?: boolean;
}

export interface DeleteOptions extends PowerOptions {
  /** Deletes a guest that does not carry Phoenix' marker; default false. */
  readonly adopt?: boolean;
}

export interface ImportGuestsOptions {
  /** Imports also guests that are declared; default false. */
  readonly includeDeclared?: boolean;
  readonly signal?: AbortSignal;
}

/** One guest as `status` shows it. */
export interface GuestStatus {
  readonly vmid: number;
  /** As declared, else as found. */
  readonly name: string;
  readonly guestKind: 'machine' | 'container';
  readonly node?: string;
  /** `missing`: declared, and not on the cluster. */
  readonly status: 'running' | 'stopped' | 'missing' | 'unknown';
  readonly template: boolean;
  /** Carries Phoenix' marker. */
  readonly managed: boolean;
  readonly lock?: string;
  readonly uptimeSeconds?: number;
  readonly cores?: number;
  readonly memoryMib?: number;
  readonly addresses: readonly string[];
  readonly features: readonly string[];
  /** Keys whose change waits for a cold start. */
  readonly pending: readonly string[];
}

/** Plans and applies one configuration on one cluster. Never prints; every method may run at any time, also beside another process. */
export interface Orchestrator {
  /** Reads the cluster once, only as far as the targets need it. Sends no mutating request. */
  observe(targets: Targets, options?: PlanOptions): Promise<Inventory>;
  /** Observes and plans. Sends no mutating request. */
  plan(targets: Targets, options?: PlanOptions): Promise<Plan>;
  /** Applies a plan of this configuration; rejects with `PHOENIX_PLAN_STALE` when declarations or guests changed since. */
  apply(plan: Plan, options?: ApplyOptions): AsyncIterable<PhoenixEvent>;
  start(targets: Targets, options?: PowerOptions): AsyncIterable<PhoenixEvent>;
  stop(targets: Targets, options?: PowerOptions): AsyncIterable<PhoenixEvent>;
  restart(targets: Targets, options?: PowerOptions): AsyncIterable<PhoenixEvent>;
  /** Plan of a deletion, for showing before `delete`: refuses what Phoenix does not own and templates that have linked clones. */
  planDelete(targets: Targets, options?: DeleteOptions): Promise<Plan>;
  /** Stops gracefully, deletes the guest and its seed. */
  delete(targets: Targets, options?: DeleteOptions): AsyncIterable<PhoenixEvent>;
  /**
   * The seed of a declared machine, without asking the cluster: the MAC addresses of interfaces that declare none are left out, or made up
   * where there are several. Undefined for a guest that has no seed.
   * @throws CloudinitError for a template that cannot be rendered
   */
  render(vmid: number): Promise<RenderedSeed | undefined>;
  /**
   * The way into a running guest, as features use it: commands run as root and outlive the connection.
   * @throws PhoenixError `PHOENIX_GUEST_GONE` where there is no such guest, `PHOENIX_GUEST_STOPPED` where it does not run
   */
  openShell(vmid: number, options?: { readonly signal?: AbortSignal }): Promise<GuestShell>;
  /**
   * Guests of the cluster as a configuration that claims them and changes nothing else; `'all'` is every guest that is not declared yet.
   * Reads only.
   * @throws PhoenixError `PHOENIX_GUEST_GONE`, `PHOENIX_ALREADY_DECLARED`, `PHOENIX_RESERVED` for a guest that was named
   */
  importGuests(targets: Targets, options?: ImportGuestsOptions): Promise<ImportedConfig>;
  status(targets: Targets, options?: { readonly signal?: AbortSignal }): Promise<readonly GuestStatus[]>;
}
