import type { GuestCommand, GuestCommandResult, GuestShell } from '@phoenix/features';
import type { SshContainerShell } from '../../../config/model.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { withFiles } from './container-files.js';
import { explainPctFailure } from './explain-pct-failure.js';
import { printPctCommand } from './pct-command.js';
import { runProgram } from './run-program.js';
import { sshTarget } from './ssh-arguments.js';

const defaultTimeoutMs = 60_000;
const outputBytes = 16 * 2 ** 20;
/** The kernel's limit for one argument, which the login shell gets the whole line as, is 128 KiB. */
const lineBytes = 128 * 1024 - 64;

/**
 * A `GuestShell` over `pct exec` on the node, through the `ssh` of this machine: for a Proxmox VE whose terminal does not let tokens in.
 * `ssh` never asks and always checks host keys. A result counts only when the marks around it came back; a connection that is cut is
 * `GUEST_UNREACHABLE`, and the command in the container may go on. What has to be set up by a person (`ssh`, key, host key, `pct`) is
 * `PHOENIX_SSH`, which is not tried again.
 */
export function createPctShell(
  shell: SshContainerShell,
  container: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): GuestShell {
  const { node, vmid } = container;
  const { access, args, destination } = sshTarget(shell, node);
  const description = `guest ${vmid} (pct exec over SSH, ${destination})`;
  const run = async (command: GuestCommand): Promise<GuestCommandResult> => {
    const { argv, stdin = new Uint8Array(), timeoutMs = defaultTimeoutMs, signal: own } = command;
    const { line, parse } = printPctCommand(vmid, argv, { sudo: access.sudo ?? false });
    if (Buffer.byteLength(line) > lineBytes)
      throw new PhoenixError({
        code: 'PHOENIX_SSH',
        message: `The command for ${description} has ${Buffer.byteLength(line)} bytes with its quotes, more than the ${lineBytes} that a command line can carry.`,
        hint: 'Pass long data through standard input or a file.',
        details: { vmid },
      });
    const result = await runProgram('ssh', [...args, line], {
      stdin,
      timeoutMs,
      maxBytes: outputBytes,
      signal: own === undefined ? signal : AbortSignal.any([own, signal]),
    }).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      throw new PhoenixError({
        code: 'PHOENIX_SSH',
        message: '`container_shell` wants SSH, and there is no program `ssh` on this machine.',
        hint: 'Install an OpenSSH client and see that it stands in PATH.',
        cause: error,
      });
    });
    const { began, exitCode, stdout, stderr } = parse(result);
    if (began && exitCode !== undefined) return { exitCode, stdout, stderr, truncated: result.truncated };
    if (began && result.truncated) return { exitCode: 1, stdout, stderr, truncated: true };
    throw explainPctFailure(
      { destination, node, vmid },
      { began, timedOut: result.timedOut, timeoutMs, stderr },
    );
  };
  return withFiles({ description, vmid }, run);
}
