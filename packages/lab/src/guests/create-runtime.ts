import type { GuestRuntime, RuntimeHost } from './guest-runtime.js';
import { createIdleRuntime } from './idle-runtime.js';

/** Scripts the behaviour of simulated guests. */
export type GuestScripting = object;

/** The runtime of that kind. Loaded when it is needed. */
export async function createRuntime(
  kind: 'simulated' | 'qemu',
  host: RuntimeHost,
): Promise<{ runtime: GuestRuntime; scripting: GuestScripting | undefined }> {
  if (kind === 'qemu') {
    const { createQemuRuntime } = await import('./qemu/qemu-runtime.js');
    return { runtime: await createQemuRuntime(host, { survives: host.persistent }), scripting: undefined };
  }
  return { runtime: createIdleRuntime(host), scripting: {} };
}
