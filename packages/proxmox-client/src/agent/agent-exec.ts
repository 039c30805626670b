import type { ProxmoxClient } from '../client/proxmox-client.js';
import { isProxmoxError, ProxmoxError } from '../errors/proxmox-error.js';
import { pause, pollPauses } from '../tasks/poll-pauses.js';
import { printAgentBytes, readAgentBytes } from './agent-bytes.js';
import type { AgentRef } from './agent-ref.js';
import { asciiArgv } from './ascii-argv.js';

/** PVE's limit for standard input, in bytes. Source: qemu-server API2/Qemu/Agent.pm. */
export const AGENT_STDIN_LIMIT = 65_536;

/** What to run in the guest. */
export interface AgentCommand {
  /** Program and arguments; no shell takes part unless it is named. Arguments beyond ASCII need a POSIX `sh` in the guest. */
  readonly argv: readonly string[];
  /** Bytes for standard input, at most AGENT_STDIN_LIMIT. */
  readonly stdin?: Uint8Array;
  /** Gives up waiting, not the program, after so many milliseconds; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a program ended. Exactly one of `exitCode` and `signalNumber` is present. */
export interface AgentExecResult {
  readonly exitCode?: number;
  readonly signalNumber?: number;
  /** Exact for text in UTF-8; see readAgentBytes for output that is neither text nor has control characters. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The agent keeps 16 MiB of each stream and dropped the rest. */
  readonly truncated: boolean;
}

/**
 * Runs a program in the guest as root and waits for its end. There is no output before the end.
 * The agent hands the result out once: of two that wait for one process only one gets it.
 * @throws ProxmoxError PVE_AGENT_NOT_RUNNING, PVE_AGENT_NOT_CONFIGURED, PVE_NOT_RUNNING, PVE_AGENT, PVE_TIMEOUT; PVE_OUTCOME_UNKNOWN with
 * status 596 also when the program does not exist in the guest
 */
export async function agentExec(
  client: ProxmoxClient,
  { node, vmid, ...command }: AgentRef & AgentCommand,
): Promise<AgentExecResult> {
  const { timeoutMs = 60_000, signal } = command;
  const deadline = performance.now() + timeoutMs;
  const pid = await startProgram(client, { node, vmid }, command);
  const pauses = pollPauses();
  while (true) {
    const status = await client.request(
      'GET /nodes/{node}/qemu/{vmid}/agent/exec-status',
      { node, vmid, pid },
      { reading: false, ...(signal ? { signal } : {}) },
    );
    if (status.exited) {
      return {
        ...(status.exitcode === undefined ? {} : { exitCode: status.exitcode }),
        ...(status.signal === undefined ? {} : { signalNumber: status.signal }),
        stdout: readAgentBytes(status['out-data'] ?? ''),
        stderr: readAgentBytes(status['err-data'] ?? ''),
        truncated: Boolean(status['out-truncated']) || Boolean(status['err-truncated']),
      };
    }
    if (performance.now() >= deadline) {
      throw new ProxmoxError(
        'PVE_TIMEOUT',
        `${command.argv[0]} in guest ${vmid} did not end within ${timeoutMs} ms; it goes on as process ${pid}`,
      );
    }
    await pause(Math.min(pauses(false), Math.max(1, deadline - performance.now())), signal);
  }
}

async function startProgram(
  client: ProxmoxClient,
  guest: AgentRef,
  { argv, stdin, signal }: AgentCommand,
): Promise<number> {
  if (argv.length === 0 || argv[0] === '')
    throw new ProxmoxError('PVE_OPTIONS', 'expected a program in argv, got none');
  if (stdin && stdin.byteLength > AGENT_STDIN_LIMIT) {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      `expected at most ${AGENT_STDIN_LIMIT} bytes of standard input, got ${stdin.byteLength}`,
      {
        hint: 'Write them to a file in the guest with agentWriteFile.',
      },
    );
  }
  const parameters = {
    ...guest,
    command: asciiArgv(argv),
    ...(stdin && stdin.byteLength > 0 ? { 'input-data': printAgentBytes(stdin) } : {}),
  };
  try {
    const { pid } = await client.request(
      'POST /nodes/{node}/qemu/{vmid}/agent/exec',
      parameters,
      signal ? { signal } : {},
    );
    return pid;
  } catch (error) {
    if (!isProxmoxError(error, 'PVE_OUTCOME_UNKNOWN') || error.status !== 596) throw error;
    throw new ProxmoxError('PVE_OUTCOME_UNKNOWN', error.message, {
      status: 596,
      hint: `Proxmox VE answers so when the program does not exist in the guest: check ${argv[0]}. It may also have run.`,
      cause: error,
    });
  }
}
