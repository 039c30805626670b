import type { FeatureEvent } from './feature-event.js';
import { followJob } from './follow-job.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { decodeLog, parseJobReport } from './job-report.js';
import type { PreparedFeature } from './prepared-feature.js';
import type { GuestProbe } from './probe-guest.js';

const DEFAULT_DEADLINE_MS = 3_600_000;

/**
 * Waits for scripts of this feature that an earlier run started with another version or other options, and clears
 * their results away: two scripts never work on one feature at a time. Yields true when one of them changed the guest.
 */
export async function* settleOtherJobs(
  session: GuestSession,
  probe: GuestProbe,
  feature: PreparedFeature,
): AsyncGenerator<FeatureEvent, boolean> {
  const own = new Set([
    feature.jobId('apply'),
    feature.jobId('check'),
    feature.jobId('verify'),
    feature.jobId('remove'),
  ]);
  let changed = false;
  for (const job of probe.jobs) {
    const [name, hook] = job.split('.');
    if (name !== feature.name || own.has(job.replace(/\.r\d+$/, ''))) continue;
    const step = hook === 'apply' || hook === 'remove' ? hook : 'check';
    changed ||= step !== 'check';
    const trip = yield* runInGuest(session, 'poll', [session.root, job, 0, 65_536, 0]);
    const report = parseJobReport(trip.stderr);
    if (report.state.kind === 'running') {
      yield {
        kind: 'remark',
        feature: feature.name,
        message: `An earlier run still works on feature ${feature.name} with other options or another version; it is waited for.`,
      };
      yield { kind: 'step-started', feature: feature.name, step, reattached: true };
      yield* followJob(session, {
        job,
        feature: feature.name,
        step,
        timeoutMs: DEFAULT_DEADLINE_MS,
        redact: feature.redact,
        first: { report, output: decodeLog(trip.stdout) },
      });
    }
    yield* runInGuest(
      session,
      'finish',
      [session.root, job, feature.name, '-', 'discard'],
      Buffer.from('\n'),
    );
  }
  return changed;
}
