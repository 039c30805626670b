import type { GuestKind } from './guest-kind.js';
import { guestKinds } from './guest-kinds.js';

/** The kind of that name. */
export function requireKind(kind: GuestKind['kind']): GuestKind {
  const found = guestKinds.find((candidate) => candidate.kind === kind);
  if (found === undefined) throw new TypeError(`no kind of guest is called ${kind}`);
  return found;
}
