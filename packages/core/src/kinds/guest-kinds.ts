import { containerKind } from './container/container-kind.js';
import type { GuestKind } from './guest-kind.js';
import { machineKind } from './machine/machine-kind.js';

/** Every kind of guest. Planner and executor take them from here; nothing else names a kind. */
export const guestKinds: readonly GuestKind[] = [machineKind, containerKind];
