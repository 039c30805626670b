import type { GuestShell } from '@phoenix/features';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { ShellWay } from '../kinds/guest-kind.js';
import { requireKind } from '../kinds/require-kind.js';
import type { ObservedGuest } from '../observe/inventory.js';

/**
 * The way into an observed guest.
 * @throws PhoenixError `PHOENIX_GUEST_GONE`, `PHOENIX_GUEST_STOPPED`
 */
export function openShellOf(
  vmid: number,
  name: string,
  guest: ObservedGuest | undefined,
  way: ShellWay,
): GuestShell {
  const label = `${vmid}${name === '' ? '' : ` (${name})`}`;
  if (guest === undefined)
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_GONE',
      message: `There is no guest ${label} on the cluster.`,
      hint: `Make it with \`phoenix orchestrate ${vmid}\`.`,
      details: { vmid },
    });
  if (guest.status !== 'running')
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_STOPPED',
      message: `Guest ${label} is not running, so nothing can be run in it.`,
      hint: guest.template
        ? 'A template never runs; use a clone of it.'
        : `Start it with \`phoenix start ${vmid}\`.`,
      details: { vmid },
    });
  return requireKind(guest.kind).openShell(way, { node: guest.node, vmid });
}
