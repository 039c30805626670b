import { hash } from 'node:crypto';
import type { Config, DeclaredGuest } from '../config/model.js';
import { digestOf } from './digest-of.js';

/** Declarations are never changed, so their digests are taken once, however often they are planned. */
const known = new WeakMap<DeclaredGuest, string>();

/** Digest of one declaration; where it stands in its file does not count. */
export function digestDeclaration(guest: DeclaredGuest): string {
  const digest = known.get(guest) ?? takeDigest(guest);
  known.set(guest, digest);
  return digest;
}

function takeDigest(guest: DeclaredGuest): string {
  const text = JSON.stringify(guest, (key, value: unknown) =>
    key === 'position' || key === 'positions' ? undefined : value,
  );
  return hash('sha256', text);
}

/** Digest of the declarations of some guests, in the configuration's order. */
export function digestDeclarations(config: Config, vmids: Iterable<number>): string {
  const wanted = new Set(vmids);
  return digestOf(config.guests.filter((guest) => wanted.has(guest.vmid)).map(digestDeclaration));
}
