import type { GuestCommand, GuestCommandResult, GuestShell } from '@phoenix/features';
import { openTerminal } from '@phoenix/proxmox-client';
import { growingPauses, pause } from '../../../apply/pause.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { ShellWay } from '../../guest-kind.js';
import { withFiles } from './container-files.js';
import { explainClosedTerminal } from './explain-closed-terminal.js';
import { type ShellSession, startShellSession } from './shell-session.js';
import { createTerminalJob, type TerminalJob } from './terminal-job.js';

/** Failures after which the container may answer again by itself. */
const passing = new Set([
  'PVE_NOT_RUNNING',
  'PVE_OUTCOME_UNKNOWN',
  'PVE_NODE_OFFLINE',
  'PVE_UNREACHABLE',
  'PVE_LOCK_TIMEOUT',
  'PVE_TIMEOUT',
  'PVE_TERMINAL',
  'PHOENIX_TERMINAL',
]);

const defaultTimeoutMs = 60_000;
/** Trips that may fail one after the other while a started command is followed. */
const patience = 5;
/** Times that a terminal is opened whose shell ends at once. */
const openings = 3;

/** One client at a time for each container of each cluster: everybody who attaches joins the same shell. */
const queues = new Map<string, Promise<unknown>>();

function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(key) ?? Promise.resolve();
  const turn = before.then(work, work);
  const settled = turn.catch(() => {});
  queues.set(key, settled);
  void settled.then(() => {
    if (queues.get(key) === settled) queues.delete(key);
  });
  return turn;
}

/**
 * A `GuestShell` over the terminal of a container (`cmode: shell`), with nothing but the API: Proxmox VE has no call that runs a program in one.
 * The terminal is open for moments only: a command is delivered, checked by its digest, started detached, and followed through files in short
 * trips. So it outlives the connection, whoever else is at the terminal neither ends it nor changes what it gets, and a result counts only when
 * its markers, lengths and digests came back. Commands of this process take turns trip by trip. What gives no usable answer is `GUEST_UNREACHABLE`.
 */
export function createTerminalShell(
  { client, signal }: Pick<ShellWay, 'client' | 'signal'>,
  container: { readonly node: string; readonly vmid: number },
): GuestShell {
  const { node, vmid } = container;
  const description = `guest ${vmid} (terminal)`;

  const visit = <T>(both: AbortSignal, work: (session: ShellSession) => Promise<T>): Promise<T> =>
    inTurn(`${client.endpoints.join()}/${node}/${vmid}`, async () => {
      both.throwIfAborted();
      const session = await enter(client, { node, vmid }, both);
      try {
        return await work(session);
      } finally {
        session.close();
      }
    });

  const run = async ({
    argv,
    stdin,
    timeoutMs = defaultTimeoutMs,
    signal: own,
  }: GuestCommand): Promise<GuestCommandResult> => {
    const both = own === undefined ? signal : AbortSignal.any([own, signal]);
    const job = createTerminalJob(vmid, { argv, ...(stdin === undefined ? {} : { stdin }) });
    try {
      const result = await follow(job, timeoutMs, both, visit);
      if (result === 'gone')
        throw unreachable(
          vmid,
          `A command in ${description} was lost: the container was restarted meanwhile`,
        );
      if (result !== undefined) return result;
    } catch (error) {
      both.throwIfAborted();
      if (!passing.has(errorCode(error))) throw error;
      if (errorCode(error) === 'PVE_TERMINAL') await explainClosedTerminal(client, { node, vmid }, both);
      throw unreachable(vmid, `${description} does not answer`, error);
    }
    throw unreachable(
      vmid,
      `A command in ${description} gave no result within ${Math.round(timeoutMs / 1000)} s`,
    );
  };
  return withFiles({ description, vmid }, run);
}

/** A quiet shell. Ctrl-C, which the handshake begins with, ends a shell that is just starting: then there is a new one. */
async function enter(
  client: ShellWay['client'],
  { node, vmid }: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): Promise<ShellSession> {
  for (let attempt = 1; ; attempt += 1) {
    const terminal = await openTerminal(client, { kind: 'lxc', node, vmid, signal });
    try {
      return await startShellSession(terminal, vmid, signal);
    } catch (error) {
      signal.throwIfAborted();
      const closed = error instanceof PhoenixError && error.details.closed === true;
      if (!closed || attempt === openings) throw error;
    }
  }
}

function unreachable(vmid: number, what: string, cause?: unknown): PhoenixError {
  return new PhoenixError({
    code: 'GUEST_UNREACHABLE',
    message: cause instanceof Error ? `${what}: ${cause.message}` : `${what}.`,
    hint: 'Wait for the container, close other consoles of it, or look at its console in the web interface.',
    cause,
    details: { vmid },
  });
}

type Visit = <T>(signal: AbortSignal, work: (session: ShellSession) => Promise<T>) => Promise<T>;

/** Goes back to the job until it has ended; undefined when the time is over. Once it may have started, a failing trip is made again. */
async function follow(
  job: TerminalJob,
  timeoutMs: number,
  signal: AbortSignal,
  visit: Visit,
): Promise<GuestCommandResult | 'gone' | undefined> {
  const begun = performance.now();
  const pauses = growingPauses(100, 2000);
  let failures = 0;
  for (;;) {
    try {
      const trip = await visit(signal, (session) => job.trip(session));
      if (trip.state === 'ended') return trip.result;
      if (trip.state === 'gone') return 'gone';
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!job.mayHaveStarted || failures >= patience || !passing.has(errorCode(error))) throw error;
    }
    if (performance.now() - begun >= timeoutMs) {
      await visit(signal, (session) => job.abandon(session)).catch(() => {});
      return undefined;
    }
    await pause(pauses.next().value, signal);
  }
}
