import type { GuestShell } from '@phoenix/features';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { PhoenixError } from '../errors/phoenix-error.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { ObservedGuest } from '../observe/inventory.js';

/**
 * The way into an observed guest.
 * @throws PhoenixError `PHOENIX_GUEST_GONE`, `PHOENIX_GUEST_STOPPED`
 */
export function openShellOf(
  vmid: number,
  name: string,
  guest: ObservedGuest | undefined,
  { client, signal }: { readonly client: ProxmoxClient; readonly signal: AbortSignal },
): GuestShell {
  const label = `${vmid}${name === '' ? '' : ` (${name})`}`;
  const kind = guestKinds.find((candidate) => candidate.kind === guest?.kind);
  if (guest === undefined || kind === undefined)
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
  return kind.openShell(client, { node: guest.node, vmid }, signal);
}
