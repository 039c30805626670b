import type { ProxmoxClient } from '../client/proxmox-client.js';
import { isProxmoxError, ProxmoxError } from '../errors/proxmox-error.js';
import { getTaskStatus, type TaskStatus } from './get-task-status.js';
import { parseUpid } from './parse-upid.js';
import { pause, pollPauses } from './poll-pauses.js';
import { readLogPage, type TaskLogLine } from './read-task-log.js';
import { judgeExitStatus, reasonOf, type TaskOutcome } from './task-outcome.js';

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Gets each line of the log as it comes. */
  readonly onLog?: (line: TaskLogLine) => void;
  /** Gives up waiting, not the task, after so many milliseconds; default: never. */
  readonly timeoutMs?: number;
  /** How long the API may be unreachable in one stretch before waiting is given up, in milliseconds; default 60 000. */
  readonly patienceMs?: number;
}

const TAIL_LINES = 20;
const UNEXPECTED = 'unexpected status';

/**
 * Waits for a task to end and says how it did; a failed task is an outcome, not an exception (see requireTaskOk).
 * Looks after 100 ms, then ever less often up to once a second; renewal of tickets, change of endpoint and short outages pass unnoticed.
 * @throws ProxmoxError PVE_TIMEOUT when `timeoutMs` passed, PVE_NOT_FOUND when the node does not know the task; the reason of the signal
 */
export async function waitForTask(
  client: ProxmoxClient,
  upid: string,
  options: WaitOptions = {},
): Promise<TaskOutcome> {
  const { signal, onLog, timeoutMs = Number.POSITIVE_INFINITY, patienceMs = 60_000 } = options;
  const asked = signal ? { signal } : {};
  const { type, id } = parseUpid(upid);
  const pauses = pollPauses();
  const deadline = performance.now() + timeoutMs;
  let lastLine = 0;
  let unexpected = 0;
  let silentSince: number | undefined;

  const follow = async (): Promise<boolean> => {
    if (!onLog) return false;
    const before = lastLine;
    for (const line of await readLogPage(client, upid, lastLine, asked)) {
      lastLine = line.line;
      onLog(line);
    }
    return lastLine > before;
  };

  const hasEnded = ({ status, exitstatus }: TaskStatus): boolean => {
    if (status !== 'stopped') return false;
    // A worker of the API that looks just between the task's last line and its end sees this; others see the truth.
    return (exitstatus ?? UNEXPECTED) !== UNEXPECTED || ++unexpected > 3;
  };

  while (true) {
    let moved = false;
    try {
      const status = await getTaskStatus(client, upid, asked);
      moved = await follow();
      if (hasEnded(status)) {
        while (await follow());
        return await describeOutcome(client, upid, status.exitstatus ?? UNEXPECTED, asked);
      }
      silentSince = undefined;
    } catch (error) {
      // Somebody else may restart the node's daemons at any time; the task goes on meanwhile.
      if (!isProxmoxError(error, 'PVE_UNREACHABLE', 'PVE_NODE_OFFLINE', 'PVE_TIMEOUT')) throw error;
      silentSince ??= performance.now();
      if (performance.now() - silentSince > patienceMs) throw error;
    }
    if (performance.now() >= deadline) {
      throw new ProxmoxError(
        'PVE_TIMEOUT',
        `the task ${type} of ${id || 'the node'} did not end within ${timeoutMs} ms; it goes on`,
        { upid },
      );
    }
    await pause(Math.min(pauses(moved), Math.max(0, deadline - performance.now())), signal);
  }
}

async function describeOutcome(
  client: ProxmoxClient,
  upid: string,
  exitStatus: string,
  asked: { signal?: AbortSignal },
): Promise<TaskOutcome> {
  const outcome = judgeExitStatus(exitStatus);
  if (outcome === 'ok') return { upid, outcome, exitStatus, warnings: [], logTail: [] };
  const lines = await readWholeLog(client, upid, asked);
  const warnings = lines.flatMap((text) => /^WARN: (.*)$/.exec(text)?.[1] ?? []);
  const logTail = lines.slice(-TAIL_LINES);
  return {
    upid,
    outcome,
    exitStatus,
    warnings,
    logTail,
    ...(outcome === 'failed' ? { reasonCode: reasonOf(exitStatus) } : {}),
  };
}

async function readWholeLog(
  client: ProxmoxClient,
  upid: string,
  asked: { signal?: AbortSignal },
): Promise<string[]> {
  const texts: string[] = [];
  for (let after = 0; ; ) {
    const lines = await readLogPage(client, upid, after, asked);
    const last = lines.at(-1);
    if (last === undefined || last.line <= after) return texts;
    texts.push(...lines.map(({ text }) => text));
    after = last.line;
  }
}
