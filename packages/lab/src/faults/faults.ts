/** What goes wrong when a rule applies. */
export type FaultEffect =
  /** The connection is closed before the request has an effect … */
  | 'drop-before'
  /** … or after it had its effect, instead of the answer. */
  | 'drop-after'
  /** A lock that the call or its task takes is not to be had: `can't lock file … - got timeout` after the time that PVE waits. */
  | 'lock-timeout'
  /** The digest that the call carries is one of an older version: somebody else has changed the configuration meanwhile. */
  | 'stale-digest'
  /** An answer with this status and an empty body, without an effect, or (`after`) after the request had its effect, as a proxy does that waited too long. */
  | { readonly status: number; readonly reason?: string; readonly after?: true }
  /** A task that the call starts fails at its beginning with this text, or ends with a warning. */
  | { readonly task: 'fail' | 'warnings'; readonly log?: string }
  /** The request is taken up this much later (lab time). */
  | { readonly delayMs: number };

/** When something goes wrong. */
export interface FaultRule {
  /** Verb (or `*`) and path, such as `POST /nodes/pve/qemu/*` and so on: `*` stands for one part or a piece of it, a last part `**` for any rest. */
  readonly on: string;
  /** Only the n-th request that fits, counted from 1 when the rule was added; default every one. */
  readonly nth?: number;
  /** At most so many times; default 1 with `nth`, else without limit. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** A fault that applies to one request. */
export interface TakenFault {
  readonly effect: FaultEffect;
  readonly delayMs?: number;
  readonly status?: { readonly status: number; readonly reason: string; readonly after: boolean };
}

/** Faults by rule. */
export interface Faults {
  /** Adds a rule; returns a function that takes it back. Rules are tried in the order of their adding; the first that applies counts. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The fault for a request that arrives now. */
  take(method: string, path: string): TakenFault | undefined;
  /** Runs the request with its lock and task faults in force; tasks that it starts inherit them. */
  during<T>(fault: TakenFault | undefined, action: () => Promise<T>): Promise<T>;
  /** Does the request or task that is running have a fault of this kind? */
  lockTimesOut(): boolean;
  digestIsStale(): boolean;
  taskFault(): { readonly kind: 'fail' | 'warnings'; readonly log: string } | undefined;
}
