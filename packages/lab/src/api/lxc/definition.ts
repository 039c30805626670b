import type { ContainerDefinition } from '../../guests/container-runtime.js';
import type { Lab } from '../../lab.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { parseMountPoint } from './config/mount-point.js';

/** The container as its runtime needs it, from its effective configuration. */
export function definitionOf(lab: Lab, guest: GuestRecord): ContainerDefinition {
  const { main } = guest.config;
  return {
    vmid: guest.vmid,
    node: guest.node,
    hostname: main.hostname ?? `CT${guest.vmid}`,
    config: { ...main },
    rootfs: lab.storages.file(guest.node, parseMountPoint(main.rootfs ?? '').volume),
  };
}
