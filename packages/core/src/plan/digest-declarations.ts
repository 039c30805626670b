import { hash } from 'node:crypto';
import type { Config, DeclaredGuest } from '../config/model.js';
import { digestOf } from './digest-of.js';

/** Digest of one declaration; where it stands in its file does not count. */
export function digestDeclaration(guest: DeclaredGuest): string {
  const text = JSON.stringify(guest, (key, value: unknown) =>
    key === 'position' || key === 'positions' ? undefined : value,
  );
  return hash('sha256', text);
}

/** Digest of the declarations of some guests, in the configuration's order. `known` holds digests that were taken before. */
export function digestDeclarations(
  config: Config,
  vmids: Iterable<number>,
  known?: ReadonlyMap<number, { readonly declarationDigest?: string }>,
): string {
  const wanted = new Set(vmids);
  return digestOf(
    config.guests
      .filter((guest) => wanted.has(guest.vmid))
      .map((guest) => known?.get(guest.vmid)?.declarationDigest ?? digestDeclaration(guest)),
  );
}
