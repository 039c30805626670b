/** What a worker is given: its UPID, its log, and the signal of a cancellation. */
export interface TaskRun {
  readonly upid: string;
  readonly node: string;
  /** Appends a line to the log. */
  log(line: string): void;
  /** Appends `WARN: text` and makes the task end with `WARNINGS: n` if it does not fail. */
  warn(text: string): void;
  /** Aborts when somebody cancels the task (DELETE on it). A worker that ignores it goes on unseen; its locks are released. */
  readonly signal: AbortSignal;
  /** Called when the task is over, however it ended. */
  onEnd(action: () => void): void;
}

/** A task to start. */
export interface TaskStart {
  /** `qmstart`, `imgcopy` … */
  readonly type: string;
  /** The id field of the UPID: mostly a vmid; may be empty. */
  readonly id?: string;
  /** The node that it runs on. */
  readonly node: string;
  /** The full id of who starts it, `root@pam!token` for tokens. */
  readonly user: string;
  /** Resolving ends the task with `OK`; a thrown error's text becomes the exit status. */
  readonly run: (task: TaskRun) => Promise<void>;
  /** Takes back what was done before the task, such as reserving a vmid, when a fault fails it at its beginning. */
  readonly undo?: () => void;
}

/** The task system: workers with UPIDs, status and log, that run in the lab's time. */
export interface Tasks {
  /** Starts a worker in the next turn of the event loop and yields its UPID at once. */
  start(task: TaskStart): string;
  /** Resolves when the task is over, to its exit status (at once if it is). */
  finished(upid: string): Promise<string>;
  isRunning(upid: string): boolean;
  /** Kills the worker: it ends with `unexpected status` or what it says itself. */
  cancel(upid: string): Promise<void>;
}
