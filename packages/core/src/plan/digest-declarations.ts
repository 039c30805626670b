import { hash } from 'node:crypto';
import type { SourcePosition } from '../config/config-problem.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import { oncePer } from '../config/once-per.js';
import { digestOf } from './digest-of.js';

/** Digest of one declaration; where it stands in its file does not count. */
export const digestDeclaration = oncePer((guest: DeclaredGuest): string => {
  const { position, positions, networks, features, pveOptions, ...rest } = guest;
  const parts = [networks, features, pveOptions].map((list) => list.map(withoutPosition));
  return hash('sha256', JSON.stringify([rest, ...parts]));
});

function withoutPosition<Declared extends { readonly position: SourcePosition }>(declared: Declared) {
  const { position, ...rest } = declared;
  return rest;
}

/** Digest of the declarations of some guests, in the configuration's order. */
export function digestDeclarations(config: Config, vmids: Iterable<number>): string {
  const wanted = new Set(vmids);
  return digestOf(config.guests.filter((guest) => wanted.has(guest.vmid)).map(digestDeclaration));
}
