import { failure, forbidden } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import { guestLockPath } from '../../locks/locks.js';
import { type GuestConfig, guestConfigDigest } from '../../state/guest-config.js';
import type { GuestRecord } from '../../state/lab-state.js';

/** The virtual machine with this id on this node; undefined when there is none. */
export function findGuest(lab: Lab, node: string, vmid: number): GuestRecord | undefined {
  const record = lab.state.guests[String(vmid)];
  return record !== undefined && record.kind === 'qemu' && record.node === node ? record : undefined;
}

/**
 * The virtual machine with this id on this node.
 * @throws PveError 500 `Configuration file 'nodes/NODE/qemu-server/VMID.conf' does not exist`, also when it is on another node.
 */
export function requireGuest(lab: Lab, node: string, vmid: number): GuestRecord {
  const record = findGuest(lab, node, vmid);
  if (record === undefined)
    throw failure(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`);
  return record;
}

/** The guest that a call is about. */
export function guestOf(ctx: RequestContext): GuestRecord {
  return requireGuest(ctx.lab, ctx.node, vmidOf(ctx));
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

/** @throws PveError 500 `VM is locked (backup)`. */
export function checkConfigLock(config: GuestConfig): void {
  if (config.main.lock !== undefined) throw failure(`VM is locked (${config.main.lock})`);
}

/** @throws PveError 500 when the caller saw another version of the configuration. */
export function checkDigest(config: GuestConfig, digest: string | undefined): void {
  if (digest !== undefined && digest !== '' && digest !== guestConfigDigest(config)) {
    throw failure('checksum mismatch (file change by other user?)');
  }
}

/** @throws PveError 500 `can't remove VM 100 - protection mode enabled`; `what` is the sentence's beginning. */
export function checkProtection(config: GuestConfig, what: string): void {
  if (config.main.protection === '1') throw failure(`${what} - protection mode enabled`);
}

/** Is the guest a template? */
export function isTemplate(config: GuestConfig): boolean {
  return config.main.template === '1';
}

/** Runs `action` while holding the guest's flock. */
export function withGuestLock<T>(
  lab: Lab,
  node: string,
  vmid: number,
  options: { timeoutMs?: number; shared?: boolean; log?: (line: string) => void; signal?: AbortSignal },
  action: () => Promise<T>,
): Promise<T> {
  return lab.locks.hold(guestLockPath('qemu', vmid), { node, timeoutMs: 10_000, ...options }, action);
}

/** Has the guest a process (a paused one has, too)? */
export function isRunning(lab: Lab, vmid: number): boolean {
  return lab.runtime.process(vmid) !== undefined;
}
