import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { getTaskStatus } from './get-task-status.js';
import { parseUpid } from './parse-upid.js';
import { pause, pollPauses } from './poll-pauses.js';

/** One line of a task's log. */
export interface TaskLogLine {
  /** Counted from 1; give the last one seen as `after` to go on from there. */
  readonly line: number;
  readonly text: string;
}

const PAGE = 500;

/** What PVE answers for a log without lines, or without a file. Source: pve-common Tools.pm dump_logfile. */
const NO_LINES = /^(?:no content|unable to open file - .*)$/;

/**
 * Reads a task's log line by line, and follows it until the task has ended and the last line was given.
 * `follow: false` ends with the lines that are there.
 * @throws ProxmoxError; the reason of the signal when that aborted
 */
export async function* readTaskLog(
  client: ProxmoxClient,
  {
    upid,
    after = 0,
    follow = true,
  }: { readonly upid: string; readonly after?: number; readonly follow?: boolean },
  options: RequestOptions = {},
): AsyncGenerator<TaskLogLine, void, undefined> {
  const pauses = pollPauses();
  let seen = after;
  for (let ended = !follow; ; ) {
    const lines = await readLogPage(client, upid, seen, options);
    for (const line of lines) {
      seen = line.line;
      yield line;
    }
    if (lines.length >= PAGE) continue;
    if (ended) return;
    // The log is read once more after the end was seen, since its last lines may have come in between.
    ended = (await getTaskStatus(client, upid, options)).status === 'stopped';
    if (!ended) await pause(pauses(lines.length > 0), options.signal);
  }
}

/** The lines after line `after`, at most a page of them. */
export async function readLogPage(
  client: ProxmoxClient,
  upid: string,
  after: number,
  options: RequestOptions,
): Promise<TaskLogLine[]> {
  const answer: unknown = await client.request(
    'GET /nodes/{node}/tasks/{upid}/log',
    { node: parseUpid(upid).node, upid, start: after, limit: PAGE },
    options,
  );
  // For a log that is not there PVE answers one object instead of a list.
  const entries: unknown[] = Array.isArray(answer) ? answer : [];
  const lines = entries.flatMap((entry) => toLine(entry));
  return lines.length === 1 && NO_LINES.test(lines[0]?.text ?? '') ? [] : lines;
}

function toLine(entry: unknown): TaskLogLine[] {
  if (typeof entry !== 'object' || entry === null || !('n' in entry) || !('t' in entry)) return [];
  return [{ line: Number(entry.n), text: String(entry.t) }];
}
