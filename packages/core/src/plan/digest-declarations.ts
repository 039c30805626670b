import { hash } from 'node:crypto';
import type { Config, DeclaredGuest } from '../config/model.js';
import { oncePer } from '../config/once-per.js';
import { digestOf } from './digest-of.js';

/** Digest of one declaration; where it stands in its file does not count. */
export const digestDeclaration = oncePer((guest: DeclaredGuest): string => {
  const text = JSON.stringify(guest, (key, value: unknown) =>
    key === 'position' || key === 'positions' ? undefined : value,
  );
  return hash('sha256', text);
});

/** Digest of the declarations of some guests, in the configuration's order. */
export function digestDeclarations(config: Config, vmids: Iterable<number>): string {
  const wanted = new Set(vmids);
  return digestOf(config.guests.filter((guest) => wanted.has(guest.vmid)).map(digestDeclaration));
}
