import type { GuestRuntime, RuntimeHost } from './guest-runtime.js';
import { createIdleRuntime } from './idle-runtime.js';

/** Scripts the behaviour of simulated guests. */
export type GuestScripting = object;

/** The runtime of that kind. Loaded when it is needed. */
export async function createRuntime(
  kind: 'simulated' | 'qemu',
  host: RuntimeHost,
): Promise<{ runtime: GuestRuntime; scripting: GuestScripting | undefined }> {
  return { runtime: createIdleRuntime(host), scripting: kind === 'simulated' ? {} : undefined };
}
