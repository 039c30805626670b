import type { GuestShell } from '@phoenix/features';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestMaterials } from '../kinds/guest-kind.js';
import type { ObservedGuest } from '../observe/inventory.js';
import type { Action } from '../plan/plan.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';
import type { Limits } from './limits.js';

/** What a step reports while it runs; the executor turns it into events. */
export interface StepReport {
  /** What is being done, or waited for and why. `fraction` 0..1 where known. */
  progress(message: string, fraction?: number): void;
  taskLog(upid: string, line: string): void;
  output(line: string, options?: { readonly feature?: string; readonly stream?: 'stdout' | 'stderr' }): void;
  warn(message: string): void;
}

/** Everything a step may use. A step looks before it acts and does only what is missing, so that it can be run again at any time. */
export interface StepContext {
  readonly client: ProxmoxClient;
  readonly config: Config;
  readonly vmid: number;
  /** For messages. */
  readonly guestName: string;
  /** Absent where an undeclared guest is stopped or deleted. */
  readonly declaredGuest?: DeclaredGuest;
  readonly action: Action;
  readonly materials: GuestMaterials;
  readonly report: StepReport;
  readonly limits: Limits;
  /** Ends waits; requests that change something are always finished. */
  readonly signal: AbortSignal;
  readonly secrets: SecretResolver;
  /** Whether features that left the declaration are removed from the guest. */
  readonly removeFeatures: boolean;
  /** What steps tell later ones: volume ids of images by action id, the shortest boot seen in milliseconds under `boot/NODE`. */
  readonly results: Map<string, string>;
  /** What was started and not seen ending, tasks by UPID; named in the summary of an interrupted run. */
  readonly openTasks: Set<string>;
  /** Reads the guest as it is now, wherever it is; undefined when it does not exist. */
  look(): Promise<ObservedGuest | undefined>;
  /** The way into the running guest; nothing is sent until it is used. */
  openShell(guest: Pick<ObservedGuest, 'node'>): GuestShell;
}

/** `unchanged`: there was nothing to do. */
export interface StepResult {
  readonly outcome: 'ok' | 'unchanged';
}

export type Step = (context: StepContext) => Promise<StepResult>;
