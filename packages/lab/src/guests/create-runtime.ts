import type { ContainerRuntime } from './container-runtime.js';
import type { GuestRuntime, RuntimeHost } from './guest-runtime.js';
import type { GuestScripting } from './simulated/scripting.js';

export type { GuestScripting };

/** The runtime of that kind, loaded when it is needed. Containers are always simulated. */
export async function createRuntime(
  kind: 'simulated' | 'qemu',
  host: RuntimeHost,
): Promise<{
  runtime: GuestRuntime;
  containers: ContainerRuntime;
  scripting: GuestScripting | undefined;
}> {
  const { createSimulatedContainers } = await import('./containers/simulated-containers.js');
  const containers = createSimulatedContainers(host);
  if (kind === 'qemu') {
    const { createQemuRuntime } = await import('./qemu/qemu-runtime.js');
    const runtime = await createQemuRuntime(host, { survives: host.persistent });
    return { runtime, containers, scripting: undefined };
  }
  const { createSimulatedRuntime } = await import('./simulated/simulated-runtime.js');
  return { ...createSimulatedRuntime(host), containers };
}
