import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';

/**
 * Asks why a terminal closed before it was ready: a Proxmox VE without `POST /access/vncticket` checks the tickets of users only, so an API
 * token's terminal is closed without a word (pve-access-control before 8.2.3 and 9.0.4). Resolves when that is not the reason.
 * @throws {PhoenixError} `PHOENIX_TERMINAL_RELEASE`
 */
export async function explainClosedTerminal(
  client: ProxmoxClient,
  { node, vmid }: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.request(
      'POST /access/vncticket',
      { authid: 'root@pam', path: `/vms/${vmid}`, privs: 'VM.Console', vncticket: 'PVEVNC:none' },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (errorCode(error) !== 'PVE_NOT_IMPLEMENTED') return;
    throw new PhoenixError({
      code: 'PHOENIX_TERMINAL_RELEASE',
      message: `Node ${node} is too old to let an API token into the terminal of container ${vmid}: its Proxmox VE lacks the updates of April 2026 (POST /access/vncticket is not there).`,
      hint: 'Update the node (libpve-access-control 8.2.3 or 9.0.4, pve-container 5.3.4 or 6.1.3, or later), or set `container_shell` to `{ "kind": "ssh" }`, which uses `pct exec` over SSH.',
      cause: error,
      details: { node, vmid },
    });
  }
}
