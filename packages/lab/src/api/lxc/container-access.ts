import { failure, forbidden } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import { guestLockPath } from '../../locks/locks.js';
import { type GuestConfig, guestConfigDigest } from '../../state/guest-config.js';
import type { GuestRecord } from '../../state/lab-state.js';

/** The container with this id on this node; undefined when there is none. */
export function findContainer(lab: Lab, node: string, vmid: number): GuestRecord | undefined {
  const record = lab.state.guests[String(vmid)];
  return record !== undefined && record.kind === 'lxc' && record.node === node ? record : undefined;
}

/**
 * The container with this id on this node.
 * @throws PveError 500 `Configuration file 'nodes/NODE/lxc/VMID.conf' does not exist`, also when it is on another node.
 */
export function requireContainer(lab: Lab, node: string, vmid: number): GuestRecord {
  const record = findContainer(lab, node, vmid);
  if (record === undefined)
    throw failure(`Configuration file 'nodes/${node}/lxc/${vmid}.conf' does not exist`);
  return record;
}

/** The container that a call is about. */
export function containerOf(ctx: RequestContext): GuestRecord {
  return requireContainer(ctx.lab, ctx.node, vmidOf(ctx));
}

/** The vmid of a call's path. */
export function vmidOf(ctx: RequestContext): number {
  return ctx.params.requireInteger('vmid');
}

/** @throws PveError 403 when there is no such pool (as PVE puts it). */
export function checkPoolExists(lab: Lab, pool: string | undefined): void {
  if (pool !== undefined && lab.state.pools[pool] === undefined)
    throw forbidden(`pool '${pool}' does not exist`);
}

/** @throws PveError 500 `CT is locked (backup)`. */
export function checkLock(config: GuestConfig): void {
  if (config.main.lock !== undefined) throw failure(`CT is locked (${config.main.lock})`);
}

/** @throws PveError 500 when the caller saw another version of the configuration. */
export function checkDigest(config: GuestConfig, digest: string | undefined): void {
  if (digest !== undefined && digest !== '' && digest !== guestConfigDigest(config)) {
    throw failure('detected modified configuration - file changed by other user? Try again.');
  }
}

/** @throws PveError 500 `can't remove CT 100 - protection mode enabled`; `what` is the sentence's beginning. */
export function checkProtection(config: GuestConfig, what: string): void {
  if (config.main.protection === '1') throw failure(`${what} - protection mode enabled`);
}

/** Is the container a template? */
export function isTemplate(config: GuestConfig): boolean {
  return config.main.template === '1';
}

/** Does the container run? */
export function isRunning(lab: Lab, vmid: number): boolean {
  return lab.containers.process(vmid) !== undefined;
}

/** Runs `action` while holding the container's flock. */
export function withContainerLock<T>(
  lab: Lab,
  node: string,
  vmid: number,
  options: { log?: (line: string) => void; signal?: AbortSignal },
  action: () => Promise<T>,
): Promise<T> {
  return lab.locks.hold(guestLockPath('lxc', vmid), { node, timeoutMs: 10_000, ...options }, action);
}
