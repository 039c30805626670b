import type { PhoenixEvent, Plan } from '@phoenix/core';

/** Shows a run while it happens. One view is chosen at the start: live, lines or NDJSON. */
export interface RunView {
  /** The plan, before anything is done. */
  showPlan(plan: Plan): void;
  showEvent(event: PhoenixEvent): void;
  /** A line that belongs to no event. */
  showMessage(message: string): void;
  /** Leaves the terminal as it was found; nothing is shown afterwards. */
  close(): void;
}
