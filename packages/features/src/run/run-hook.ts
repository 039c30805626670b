import type { FeatureHookName } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import { deliverBundle } from './deliver-bundle.js';
import type { FeatureEvent } from './feature-event.js';
import { followJob, type JobEnd } from './follow-job.js';
import { type GuestSession, patiently, runInGuest } from './guest-session.js';
import { decodeLog, type JobReport, parseJobReport } from './job-report.js';
import { shellAssignments } from './option-environment.js';
import type { PreparedFeature } from './prepared-feature.js';
import { rebootGuest } from './reboot-guest.js';

/** The exit code by which a script asks for a reboot, after which it runs again. */
export const REBOOT_EXIT_CODE = 194;
const MOST_REBOOTS = 5;
const MOST_LOSSES = 3;
const FEWEST_FREE_KIB = 1024;

/** How a hook ended: by itself, or killed at its deadline. */
export interface HookEnd extends JobEnd {
  /** Absent when it was killed. */
  readonly exitCode?: number;
  /** The job's directory in the guest, which `finish.sh` removes. */
  readonly job: string;
  /** Another run took the end of this script, and cleared it away: what it came to is in its receipt. */
  readonly taken: boolean;
}

/**
 * Runs one hook of a feature in the guest to its end, or finds it again when it was started before. `apply` and
 * `remove` run at most once at a time, whoever asks, and an end that nobody took counts; `check` and `verify` repeat.
 * Exit code 194 restarts the guest and runs the hook again. A job that vanishes without an exit code (reset, agent
 * killed with its children) is started again, at most three times.
 * @throws FeaturesError `FEATURES_STEP_LOST`, `FEATURES_REBOOT_LOOP`, `FEATURES_GUEST_INTERPRETER` and as `runInGuest`.
 */
export async function* runHook(
  session: GuestSession,
  feature: PreparedFeature,
  hook: FeatureHookName,
): AsyncGenerator<FeatureEvent, HookEnd> {
  const repeatable = hook === 'check' || hook === 'verify';
  let losses = 0;
  let announced = false;
  for (let reboots = 0; ; ) {
    const job = `${feature.jobId(hook)}${reboots === 0 ? '' : `.r${reboots}`}`;
    const first = yield* startJob(session, feature, hook, job, reboots);
    const { kind: state } = first.report.state;
    const found = first.report.start === 'exists';
    const stale = found && state !== 'running' && state !== 'starting';
    const asksForReboot =
      first.report.state.kind === 'exited' && first.report.state.exitCode === REBOOT_EXIT_CODE;
    const succeeded = first.report.state.kind === 'exited' && first.report.state.exitCode === 0;
    if (stale && (repeatable || !(succeeded || asksForReboot))) {
      if (state === 'lost') {
        losses += 1;
        if (losses > MOST_LOSSES) throw lost(session, feature, hook);
        yield lostEvent(feature, hook, first.report);
      }
      yield* discard(session, feature, job);
      continue;
    }
    if (!announced || found)
      yield { kind: 'step-started', feature: feature.name, step: hook, reattached: found };
    announced = true;
    const end = yield* followJob(session, {
      job,
      feature: feature.name,
      step: hook,
      timeoutMs: feature.hook(hook).timeoutMs,
      redact: feature.redact,
      first,
    });
    const after = end.report.state;
    if (after.kind === 'exited' && after.exitCode === REBOOT_EXIT_CODE) {
      reboots += 1;
      if (reboots > MOST_REBOOTS) {
        throw new FeaturesError(
          'FEATURES_REBOOT_LOOP',
          `The ${hook} script of feature ${feature.name} asked for a reboot ${reboots} times; expected at most ${MOST_REBOOTS}.`,
          { feature: feature.name, step: hook, lastLines: end.lastLines },
        );
      }
      yield { kind: 'reboot-requested', feature: feature.name, step: hook, reboots };
      if (!end.report.rebooted) yield* rebootGuest(session, feature.name);
      continue;
    }
    if (after.kind === 'absent' && !repeatable) return { ...end, job: feature.jobId(hook), taken: true };
    if (after.kind === 'lost' || after.kind === 'absent') {
      losses += 1;
      if (losses > MOST_LOSSES) throw lost(session, feature, hook);
      yield lostEvent(feature, hook, end.report);
      yield* discard(session, feature, job);
      continue;
    }
    return {
      ...end,
      ...(after.kind === 'exited' ? { exitCode: after.exitCode } : {}),
      job: feature.jobId(hook),
      taken: false,
    };
  }
}

function lostEvent(feature: PreparedFeature, hook: FeatureHookName, report: JobReport): FeatureEvent {
  const why = report.rebooted ? 'the guest was restarted' : 'its process is gone';
  return {
    kind: 'step-lost',
    feature: feature.name,
    step: hook,
    message: `The ${hook} script ended without an exit code (${why}); it is started again.`,
  };
}

function lost(session: GuestSession, feature: PreparedFeature, hook: string): FeaturesError {
  return new FeaturesError(
    'FEATURES_STEP_LOST',
    `The ${hook} script of feature ${feature.name} vanished ${MOST_LOSSES + 1} times in ${session.shell.description} without an exit code.`,
    { feature: feature.name, step: hook },
  );
}

async function* discard(
  session: GuestSession,
  feature: PreparedFeature,
  job: string,
): AsyncGenerator<FeatureEvent, void> {
  yield* runInGuest(session, 'finish', [session.root, job, feature.name, '-', 'discard'], Buffer.from('\n'));
}

interface Started {
  readonly report: JobReport;
  readonly output: Uint8Array;
}

async function* startJob(
  session: GuestSession,
  feature: PreparedFeature,
  hook: FeatureHookName,
  job: string,
  reboots: number,
): AsyncGenerator<FeatureEvent, Started> {
  const repeatable = hook === 'check' || hook === 'verify';
  const environment = { ...feature.environment(hook), PHOENIX_REBOOTS: String(reboots) };
  const input = Buffer.from(shellAssignments(environment, `${feature.optionsJson}\n`));
  const { script } = feature.hook(hook);
  const detach = repeatable ? 'setsid' : 'systemd';
  const keep = repeatable ? 'once' : 'keep';
  const spooled = input.length > session.chunkBytes ? `${session.root}/input-${job}` : '-';
  for (let attempt = 0; ; attempt += 1) {
    if (spooled !== '-')
      yield* patiently(session, () => session.shell.writeFile(spooled, input, { mode: 0o600 }));
    const trip = yield* runInGuest(
      session,
      'start',
      [
        session.root,
        job,
        feature.packDirectory,
        repeatable ? 30 : 5,
        detach,
        keep,
        spooled,
        script,
        ...feature.interpreter(hook),
      ],
      spooled === '-' ? input : new Uint8Array(),
    );
    const report = parseJobReport(trip.stderr);
    const { start = '' } = report;
    if (start === 'no-bundle' && attempt < 2) {
      yield* deliverFiles(session, feature);
      continue;
    }
    if (start === 'cut' && attempt < 5) continue;
    if (start.startsWith('no-interpreter')) {
      throw new FeaturesError(
        'FEATURES_GUEST_INTERPRETER',
        `${script} of feature ${feature.name} wants ${start.slice('no-interpreter '.length)}, which ${session.shell.description} does not have.`,
        { feature: feature.name, step: hook },
      );
    }
    if (start !== 'started' && start !== 'exists') {
      throw new FeaturesError(
        'FEATURES_GUEST_ANSWER',
        `${script} of feature ${feature.name} could not be started: ${start}.`,
        {
          feature: feature.name,
          step: hook,
        },
      );
    }
    return { report, output: decodeLog(trip.stdout) };
  }
}

/** Brings a feature's files into the guest; what is there already costs one round trip. */
export async function* deliverFiles(
  session: GuestSession,
  feature: PreparedFeature,
): AsyncGenerator<FeatureEvent, void> {
  yield { kind: 'step-started', feature: feature.name, step: 'deliver', reattached: false };
  yield* deliverBundle(session, feature.name, feature.files);
  yield { kind: 'step-finished', feature: feature.name, step: 'deliver' };
}

/** The error of a hook that did not end well. */
export function hookError(
  session: GuestSession,
  feature: PreparedFeature,
  hook: FeatureHookName,
  end: HookEnd,
): FeaturesError {
  const details = {
    feature: feature.name,
    step: hook,
    lastLines: end.lastLines,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
  };
  const what = `The ${hook} script of feature ${feature.name}`;
  const last = end.lastLines.findLast((line) => line.trim() !== '');
  const said = last === undefined ? 'it printed nothing' : `its last line: ${last}`;
  if (end.timedOut) {
    return new FeaturesError(
      'FEATURES_STEP_TIMEOUT',
      `${what} did not end within ${feature.hook(hook).timeoutMs / 1000} s and was killed in ${session.shell.description}; ${said}`,
      details,
    );
  }
  const full = end.lastLines.some((line) => /No space left on device|Disk quota exceeded/i.test(line));
  if (full || (end.report.freeKib !== undefined && end.report.freeKib < FEWEST_FREE_KIB)) {
    const free = end.report.freeKib === undefined ? 'no' : `${end.report.freeKib} KiB of`;
    return new FeaturesError(
      'FEATURES_GUEST_DISK_FULL',
      `${what} failed with ${free} free space in ${session.shell.description}; ${said}`,
      details,
    );
  }
  const code = hook === 'verify' ? 'FEATURES_VERIFY' : 'FEATURES_STEP_FAILED';
  const ended = end.taken
    ? 'ended in another run, which did not record it as done'
    : end.exitCode === undefined
      ? 'was killed'
      : `ended with exit code ${end.exitCode}`;
  const meaning =
    end.exitCode === 126 ? ' (cannot be executed)' : end.exitCode === 127 ? ' (a command was not found)' : '';
  return new FeaturesError(code, `${what} ${ended}${meaning}; ${said}`, details);
}
