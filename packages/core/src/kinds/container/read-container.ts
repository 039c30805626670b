import type { GuestKind } from '../guest-kind.js';
import { readGuest } from '../read-guest.js';

/** Reads one container: its status where the place does not tell it, and its configuration. */
export const readContainer: GuestKind['read'] = (client, place, options) =>
  readGuest(client, place, { kind: 'container', nameKey: 'hostname' }, options);
