import type { Access } from './access/access.js';
import type { Authenticator } from './access/authenticate.js';
import type { Clock } from './clock/clock.js';
import type { ContainerRuntime } from './guests/container-runtime.js';
import type { GuestRuntime } from './guests/guest-runtime.js';
import type { Locks } from './locks/locks.js';
import type { LabRelease, LabState } from './state/lab-state.js';
import type { FileStore } from './storage/file-store.js';
import type { Storages } from './storage/storages.js';
import type { Tasks } from './tasks/tasks.js';

/** The inside of a lab: what outlives a request. Handlers get it as `ctx.lab`. */
export interface Lab {
  readonly release: LabRelease;
  readonly state: LabState;
  readonly clock: Clock;
  readonly tasks: Tasks;
  readonly locks: Locks;
  readonly storages: Storages;
  readonly files: FileStore;
  readonly access: Access;
  readonly runtime: GuestRuntime;
  readonly containers: ContainerRuntime;
  /** Draws in 0..1; seeded in tests. */
  readonly random: () => number;
  /** A version 4 UUID from `random`. */
  uuid(): string;
  /** The next value of a persistent counter. */
  next(counter: string): number;
  /** The certificate's SHA-256 in PVE's notation. */
  fingerprint(): string;
  readonly authenticator: Authenticator;
  /** Writes changed state now; called at the end of each request and task step anyway. */
  commit(): void;
}
