import type { ProxmoxClient } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { readAgentBytes } from './agent-bytes.js';
import { agentExec } from './agent-exec.js';
import type { AgentRef } from './agent-ref.js';

const MEBI = 1_048_576;

/**
 * Reads a file of the guest whole, with exactly its bytes. Beyond 16 MiB, where PVE's own call ends, it goes on in pieces by
 * `tail`, `head` and `base64` in the guest.
 * @throws ProxmoxError PVE_AGENT when there is no such file or it is longer than `maxBytes`; those of agentPing
 */
export async function agentReadFile(
  client: ProxmoxClient,
  {
    node,
    vmid,
    path,
    maxBytes = 16 * MEBI,
    signal,
  }: AgentRef & {
    readonly path: string;
    /** Default 16 MiB. */
    readonly maxBytes?: number;
    readonly signal?: AbortSignal;
  },
): Promise<Uint8Array> {
  const asked = signal ? { signal } : {};
  const answer: { content: string; truncated?: boolean; 'bytes-read'?: unknown } = await client.request(
    'GET /nodes/{node}/qemu/{vmid}/agent/file-read',
    { node, vmid, file: path },
    asked,
  );
  const bytesRead = answer['bytes-read'];
  const pieces = [readAgentBytes(answer.content, bytesRead === undefined ? undefined : Number(bytesRead))];
  let length = pieces[0]?.byteLength ?? 0;
  for (let more = Boolean(answer.truncated); more && length <= maxBytes; ) {
    const piece = await readPiece(client, { node, vmid }, path, length, asked);
    pieces.push(piece);
    length += piece.byteLength;
    more = piece.byteLength === MEBI;
  }
  if (length > maxBytes)
    throw new ProxmoxError(
      'PVE_AGENT',
      `guest ${vmid}: ${path} is longer than the ${maxBytes} bytes asked for`,
    );
  return Buffer.concat(pieces);
}

async function readPiece(
  client: ProxmoxClient,
  guest: AgentRef,
  path: string,
  offset: number,
  asked: { signal?: AbortSignal },
): Promise<Uint8Array> {
  const script = `tail -c +${offset + 1} "$1" | head -c ${MEBI} | base64`;
  const { exitCode, stdout } = await agentExec(client, {
    ...guest,
    argv: ['sh', '-c', script, 'sh', path],
    ...asked,
  });
  if (exitCode !== 0)
    throw new ProxmoxError(
      'PVE_AGENT',
      `guest ${guest.vmid}: ${path} could not be read beyond ${offset} bytes`,
    );
  return Buffer.from(Buffer.from(stdout).toString('latin1'), 'base64');
}
