import type { GuestShell } from '@phoenix/features';
import { agentExec, agentReadFile, agentWriteFile } from '@phoenix/proxmox-client';
import { errorCode } from '../../errors/describe-error.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import type { ShellWay } from '../guest-kind.js';

/** Failures after which the guest may answer again by itself. */
const passing = new Set([
  'PVE_AGENT_NOT_RUNNING',
  'PVE_NOT_RUNNING',
  'PVE_OUTCOME_UNKNOWN',
  'PVE_NODE_OFFLINE',
  'PVE_UNREACHABLE',
  'PVE_LOCK_TIMEOUT',
  'PVE_TIMEOUT',
]);

/** The agent was restarted while a command ran: it no longer knows the process, whose end is lost. */
const forgotProcess = (error: unknown): boolean =>
  errorCode(error) === 'PVE_AGENT' && error instanceof Error && /Invalid parameter 'pid'/.test(error.message);

/**
 * A `GuestShell` over the QEMU guest agent of one machine.
 * A guest that does not answer for now is reported by `GUEST_UNREACHABLE`, as the port asks for.
 */
export function createAgentShell(
  { client, signal }: Pick<ShellWay, 'client' | 'signal'>,
  machine: { readonly node: string; readonly vmid: number },
): GuestShell {
  const { node, vmid } = machine;
  const description = `guest ${vmid} (QEMU guest agent)`;
  const reach = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!passing.has(errorCode(error)) && !forgotProcess(error)) throw error;
      throw new PhoenixError({
        code: 'GUEST_UNREACHABLE',
        message: `${description} does not answer: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Wait for the guest, or look at its console.',
        cause: error,
        details: { vmid },
      });
    }
  };
  const either = (own: AbortSignal | undefined) =>
    own === undefined ? signal : AbortSignal.any([own, signal]);
  return {
    description,
    run: ({ argv, stdin, timeoutMs, signal: own }) =>
      reach(() =>
        agentExec(client, {
          node,
          vmid,
          argv,
          signal: either(own),
          ...(stdin === undefined ? {} : { stdin }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      ),
    writeFile: (path, content, { mode = 0o600, signal: own } = {}) =>
      reach(() => agentWriteFile(client, { node, vmid, path, content, mode, signal: either(own) })),
    readFile: (path, { maxBytes, signal: own } = {}) =>
      reach(() =>
        agentReadFile(client, {
          node,
          vmid,
          path,
          signal: either(own),
          ...(maxBytes === undefined ? {} : { maxBytes }),
        }),
      ),
  };
}
