import type { ActionKind, Plan, Reason, StepName } from '../plan/plan.js';

/** Identifies the action an event belongs to. */
export interface ActionLabel {
  readonly actionId: string;
  /** Absent for shared work such as images. */
  readonly vmid?: number;
  /** The guest's name. */
  readonly guest?: string;
  readonly step: StepName;
  readonly kind: ActionKind;
  readonly reason: Reason;
  readonly title: string;
}

export interface GuestSummary {
  readonly vmid: number;
  readonly name: string;
  readonly outcome: 'unchanged' | 'changed' | 'failed' | 'skipped' | 'interrupted';
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

export interface RunSummary {
  readonly outcome: 'ok' | 'failed' | 'interrupted';
  readonly durationMs: number;
  /** Numbers of actions. */
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly guests: readonly GuestSummary[];
  /** Every warning of the run once more, with the guest it concerns. */
  readonly warnings: readonly { readonly vmid?: number; readonly message: string }[];
  /** What was left running when the run was interrupted: UPIDs of tasks, and scripts of features by their guests. */
  readonly leftRunning: readonly string[];
}

interface Stamp {
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * What happens during `apply`, in order, as plain JSON-serialisable data. Secrets are redacted by value.
 * A run always ends with exactly one `run-finished`.
 */
export type PhoenixEvent = Stamp &
  (
    | { readonly type: 'run-started'; readonly runId: string; readonly targets: readonly number[] }
    | { readonly type: 'plan'; readonly plan: Plan }
    | ({ readonly type: 'action-started' } & ActionLabel)
    | ({
        readonly type: 'action-progress';
        /** What is being done or waited for: `waiting for the guest agent: not answering yet (booting)`. */
        readonly message: string;
        readonly elapsedMs: number;
        /** 0..1 where known. */
        readonly fraction?: number;
      } & ActionLabel)
    | ({ readonly type: 'task-log'; readonly upid: string; readonly line: string } & ActionLabel)
    | ({
        readonly type: 'output';
        readonly feature?: string;
        readonly stream: 'stdout' | 'stderr';
        readonly line: string;
      } & ActionLabel)
    | ({
        readonly type: 'action-finished';
        readonly outcome: 'ok' | 'unchanged';
        readonly durationMs: number;
        readonly warnings: readonly string[];
      } & ActionLabel)
    | ({ readonly type: 'action-skipped'; readonly message: string } & ActionLabel)
    | ({
        readonly type: 'action-failed';
        readonly durationMs: number;
        readonly code: string;
        readonly message: string;
        readonly hint?: string;
        /** Last lines of what failed (task log, feature output), oldest first. */
        readonly details: readonly string[];
      } & ActionLabel)
    | { readonly type: 'run-finished'; readonly summary: RunSummary }
  );
