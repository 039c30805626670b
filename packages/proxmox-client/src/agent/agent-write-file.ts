import type { ProxmoxClient } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { AGENT_STDIN_LIMIT, agentExec } from './agent-exec.js';
import type { AgentRef } from './agent-ref.js';

/** What PVE takes in one call: 61440 characters of base64. Source: qemu-server API2/Qemu/Agent.pm. */
const ONE_CALL = 46_080;

/**
 * Creates or replaces a file in the guest with exactly these bytes.
 * Up to 45 KiB it is one call. Longer files, and those with a `mode`, need a POSIX shell in the guest: they are built beside the target
 * in pieces and moved into place at the end, so that nobody sees half a file.
 * @throws ProxmoxError PVE_AGENT when the directory does not exist or a piece cannot be written; those of agentPing
 */
export async function agentWriteFile(
  client: ProxmoxClient,
  {
    node,
    vmid,
    path,
    content,
    mode,
    signal,
  }: AgentRef & {
    readonly path: string;
    readonly content: Uint8Array;
    /** Permissions such as 0o600; default: what the guest gives new files. */
    readonly mode?: number;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const guest = { node, vmid };
  const asked = signal ? { signal } : {};
  const simple = content.byteLength <= ONE_CALL && mode === undefined;
  const target = simple ? path : `${path}.part`;
  const first = content.subarray(0, ONE_CALL);
  await client.request(
    'POST /nodes/{node}/qemu/{vmid}/agent/file-write',
    { ...guest, file: target, content: Buffer.from(first).toString('base64'), encode: false },
    asked,
  );
  if (simple) return;
  for (let offset = ONE_CALL; offset < content.byteLength; offset += AGENT_STDIN_LIMIT) {
    const piece = content.subarray(offset, offset + AGENT_STDIN_LIMIT);
    await shell(client, guest, 'cat >>"$1"', [target], { stdin: piece, ...asked });
  }
  const permissions = mode === undefined ? '' : `chmod ${mode.toString(8)} "$1" && `;
  await shell(
    client,
    guest,
    `[ "$(wc -c <"$1")" -eq ${content.byteLength} ] && ${permissions}mv -f "$1" "$2"`,
    [target, path],
    asked,
  );
}

async function shell(
  client: ProxmoxClient,
  guest: AgentRef,
  script: string,
  names: readonly string[],
  rest: { readonly stdin?: Uint8Array; readonly signal?: AbortSignal },
): Promise<void> {
  const { exitCode, stderr } = await agentExec(client, {
    ...guest,
    argv: ['sh', '-c', script, 'sh', ...names],
    ...rest,
  });
  if (exitCode === 0) return;
  const said = Buffer.from(stderr).toString('utf8').trim();
  throw new ProxmoxError(
    'PVE_AGENT',
    `guest ${guest.vmid}: writing ${names.at(-1)} failed: ${said || `exit code ${exitCode ?? 'none'}`}`,
  );
}
