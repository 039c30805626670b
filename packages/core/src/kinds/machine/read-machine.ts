import type { GuestKind } from '../guest-kind.js';
import { readGuest } from '../read-guest.js';

/** Reads one machine: its status where the place does not tell it, and its configuration. */
export const readMachine: GuestKind['read'] = (client, place, options) =>
  readGuest(client, place, { kind: 'machine', nameKey: 'name' }, options);
