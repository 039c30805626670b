import type { GuestCommand, GuestCommandResult, GuestShell } from '@phoenix/features';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { errorCode } from '../../errors/describe-error.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import { openShellSession, type ShellSession } from './shell-session.js';

/** Failures after which the container may answer again by itself. */
const passing = new Set([
  'PVE_NOT_RUNNING',
  'PVE_OUTCOME_UNKNOWN',
  'PVE_NODE_OFFLINE',
  'PVE_UNREACHABLE',
  'PVE_LOCK_TIMEOUT',
  'PVE_TIMEOUT',
  'PVE_TERMINAL',
]);

const defaultTimeoutMs = 60_000;
const readPieceBytes = 48 * 1024;
const fileBytes = 16 * 2 ** 20;

/** One client at a time for each container: everybody who attaches joins the same shell. */
const queues = new Map<string, Promise<unknown>>();

function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(key) ?? Promise.resolve();
  const turn = before.then(work, work);
  queues.set(
    key,
    turn.catch(() => {}),
  );
  return turn;
}

/** A word that a POSIX shell takes as it is. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_/.:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A `GuestShell` over the terminal of a container (`cmode: shell`), with nothing but the API: Proxmox VE has no call that runs a program in one.
 * Each command opens the terminal, makes sure that the shell listens, runs, and closes it. Standard input goes in and both outputs come out as
 * base64 between markers, so every byte arrives; a result counts only when both markers and its lengths came back. Commands of this process take
 * turns; somebody else at the same terminal shows as missing or foreign bytes, which is `GUEST_UNREACHABLE` and tried again by the caller.
 */
export function createTerminalShell(
  client: ProxmoxClient,
  container: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): GuestShell {
  const { node, vmid } = container;
  const description = `guest ${vmid} (terminal)`;
  const session = async <T>(
    own: AbortSignal | undefined,
    work: (session: ShellSession) => Promise<T>,
  ): Promise<T> => {
    const both = own === undefined ? signal : AbortSignal.any([own, signal]);
    try {
      return await inTurn(`${node}/${vmid}`, async () => {
        both.throwIfAborted();
        const shell = await openShellSession(client, { node, vmid }, both);
        try {
          return await work(shell);
        } finally {
          shell.close();
        }
      });
    } catch (error) {
      both.throwIfAborted();
      if (!passing.has(errorCode(error)) && errorCode(error) !== 'PHOENIX_TERMINAL') throw error;
      throw new PhoenixError({
        code: 'GUEST_UNREACHABLE',
        message: `${description} does not answer: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Wait for the container, close other consoles of it, or look at its console in the web interface.',
        cause: error,
        details: { vmid },
      });
    }
  };
  const run = ({
    argv,
    stdin,
    timeoutMs = defaultTimeoutMs,
    signal: own,
  }: GuestCommand): Promise<GuestCommandResult> =>
    session(own, (shell) =>
      shell.run(argv.map(quoteWord).join(' '), { timeoutMs, ...(stdin === undefined ? {} : { stdin }) }),
    );
  const must = async (shell: ShellSession, script: string, stdin?: Uint8Array): Promise<Uint8Array> => {
    const result = await shell.run(script, {
      timeoutMs: defaultTimeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    });
    if (result.exitCode === 0) return result.stdout;
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_FILE',
      message: `A file in ${description} could not be read or written: ${new TextDecoder().decode(result.stderr).trim()}`,
      hint: 'Check the path and the free space in the container.',
      details: { vmid },
    });
  };
  return {
    description,
    run,
    writeFile: (path, content, { mode = 0o600, signal: own } = {}) =>
      session(own, async (shell) => {
        const target = quoteWord(path);
        const part = quoteWord(`${path}.phoenix-part`);
        await must(
          shell,
          `umask 077; cat >${part} && chmod ${mode.toString(8)} ${part} && mv ${part} ${target}`,
          content,
        );
      }),
    readFile: (path, { maxBytes = fileBytes, signal: own } = {}) =>
      session(own, async (shell) => {
        const size = Number(new TextDecoder().decode(await must(shell, `wc -c <${quoteWord(path)}`)).trim());
        if (size > maxBytes) {
          throw new PhoenixError({
            code: 'PHOENIX_GUEST_FILE',
            message: `${path} in ${description} has ${size} bytes, more than the ${maxBytes} that were asked for.`,
            hint: 'Read it in pieces.',
            details: { vmid },
          });
        }
        const pieces: Uint8Array[] = [];
        for (let offset = 0; offset < size; offset += readPieceBytes)
          pieces.push(
            await must(shell, `tail -c +${offset + 1} ${quoteWord(path)} | head -c ${readPieceBytes}`),
          );
        return new Uint8Array(Buffer.concat(pieces));
      }),
  };
}
