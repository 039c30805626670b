import type { GuestRuntime, RuntimeHost } from './guest-runtime.js';
import type { GuestScripting } from './simulated/scripting.js';

export type { GuestScripting };

/** The runtime of that kind. Loaded when it is needed. */
export async function createRuntime(
  kind: 'simulated' | 'qemu',
  host: RuntimeHost,
): Promise<{ runtime: GuestRuntime; scripting: GuestScripting | undefined }> {
  if (kind === 'qemu') {
    const { createQemuRuntime } = await import('./qemu/qemu-runtime.js');
    return { runtime: await createQemuRuntime(host, { survives: host.persistent }), scripting: undefined };
  }
  const { createSimulatedRuntime } = await import('./simulated/simulated-runtime.js');
  return createSimulatedRuntime(host);
}
