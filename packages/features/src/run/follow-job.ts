import type { FeatureEvent, FeatureStep } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { decodeLog, type JobReport, parseJobReport } from './job-report.js';
import { createOutputLines } from './output-lines.js';
import type { Redact } from './redact.js';

/** Bytes that one poll carries. */
const POLL_BYTES = 131_072;
/** A longer backlog is skipped but for its last part. */
const LONGEST_BACKLOG = 2_097_152;
/** Lines kept for the message of a failure. */
const LAST_LINES = 20;
/** Tenths of a second that a poll waits in the guest for something new. */
const POLL_WAIT = 10;
/** Tenths of a second between TERM and KILL. */
const KILL_GRACE = 30;
/** Polls that a job may take between its claim and its process. */
const STARTING_POLLS = 30;

/** How a followed job ended. */
export interface JobEnd {
  readonly report: JobReport;
  /** The deadline passed, and its processes were killed. */
  readonly timedOut: boolean;
  /** Redacted, at most twenty. */
  readonly lastLines: readonly string[];
  /** Redacted, at most about 64 KiB: what may be kept in the guest when there are secrets. */
  readonly keptLog: string;
}

/** What to follow. */
export interface FollowedJob {
  readonly job: string;
  readonly feature: string;
  readonly step: FeatureStep;
  readonly timeoutMs: number;
  readonly redact: Redact;
  /** The answer of the start. */
  readonly first: { readonly report: JobReport; readonly output: Uint8Array };
}

/**
 * Follows a job to its end: its output line by line, the deadline counted from its start in the guest. Survives a
 * guest that does not answer for a while. Kills the job's processes when the deadline passes.
 */
export async function* followJob(
  session: GuestSession,
  followed: FollowedJob,
): AsyncGenerator<FeatureEvent, JobEnd> {
  const { job, feature, step, redact } = followed;
  const lines = createOutputLines();
  const recent: string[] = [];
  let kept = '';
  const begun = session.clock.now();
  let { report, output } = followed.first;
  let offset = 0;
  let starting = 0;
  let timedOut = false;

  const note = (line: string): FeatureEvent => {
    const safe = redact(line);
    recent.push(safe);
    if (recent.length > LAST_LINES) recent.shift();
    kept = `${kept}${safe}\n`.slice(-65_536);
    return { kind: 'output', feature, step, line: safe };
  };

  for (;;) {
    offset += report.sent;
    for (const line of lines.push(output)) yield note(line);
    if (report.state.kind === 'starting') starting += 1;
    if (starting > STARTING_POLLS) report = { ...report, state: { kind: 'lost' } };
    const going = report.state.kind === 'running' || report.state.kind === 'starting';
    if (!going && (offset >= report.size || report.sent === 0)) break;
    const backlog = report.size - offset;
    if (backlog > LONGEST_BACKLOG) {
      const bytes = backlog - POLL_BYTES;
      offset += bytes;
      for (const line of lines.end()) yield note(line);
      yield { kind: 'output-skipped', feature, step, bytes };
    }
    const elapsedMs = Math.max(report.elapsedSeconds * 1000, session.clock.now() - begun);
    const overdue = going && elapsedMs >= followed.timeoutMs;
    const trip = overdue
      ? yield* runInGuest(session, 'kill', [session.root, job, KILL_GRACE, offset, POLL_BYTES])
      : yield* runInGuest(session, 'poll', [session.root, job, offset, POLL_BYTES, going ? POLL_WAIT : 0]);
    report = parseJobReport(trip.stderr);
    output = decodeLog(trip.stdout);
    // It may have ended by itself at the last moment.
    if (overdue) timedOut = report.state.kind !== 'exited';
    // What TERM and KILL do not end waits in the kernel; it is not waited for.
    if (timedOut && report.state.kind === 'running') report = { ...report, state: { kind: 'killed' } };
  }
  for (const line of lines.end()) yield note(line);
  return { report, timedOut, lastLines: recent, keptLog: kept };
}
