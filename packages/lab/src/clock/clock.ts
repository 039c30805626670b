/**
 * The lab's time. Whatever waits in the lab waits here, so that tests need not wait at all.
 *
 * `sleep` is a wait that somebody is waiting for (a request that answers late, a task at work); the virtual clock jumps over it.
 * `schedule` is something that will happen by itself (a guest finishes booting); it never makes the virtual clock jump, but happens on the way
 * when a sleeper makes it jump, and otherwise when real time has passed.
 */
export interface Clock {
  readonly kind: 'virtual' | 'real';
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or early (without an error) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms`; returns a function that cancels it. */
  schedule(ms: number, action: () => void): () => void;
  /** Waits for `event`, at most `ms`; true when the event came in time. Its rejection is passed on. */
  within(ms: number, event: Promise<unknown>, signal?: AbortSignal): Promise<boolean>;
  /** Moves a virtual clock forward by `ms`, letting everything due on the way happen; a real clock waits. */
  advance(ms: number): Promise<void>;
  /** Somebody has just made a request: a virtual clock with patience waits anew before it jumps over a long wait. */
  noticeRequest(): void;
  /** Cancels everything pending. */
  close(): void;
}
