import { FeaturesError } from '../features-error.js';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';
import type { FeatureEvent, FeatureOutcome } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { digestSecrets, type PreparationContext, prepareFeature } from './prepare-feature.js';
import type { PreparedFeature } from './prepared-feature.js';
import { type GuestProbe, probeGuest } from './probe-guest.js';
import { rebootGuest } from './reboot-guest.js';
import { compareReceipt, type FeatureReason, isInherited, type Receipt } from './receipt.js';
import { deliverFiles, type HookEnd, hookError, runHook } from './run-hook.js';
import { settleOtherJobs } from './settle-other-jobs.js';
import { supportsPlatform } from './supports-platform.js';

/** What applying needs beside guest and feature. */
export type ApplyContext = Omit<PreparationContext, 'root' | 'platform'> & { readonly salt: string };

/** Brings one feature into place: see `runFeatures`. */
export async function* applyFeature(
  session: GuestSession,
  probe: GuestProbe,
  resolved: ResolvedFeature,
  context: ApplyContext,
): AsyncGenerator<FeatureEvent, void> {
  const { name } = resolved;
  yield { kind: 'feature-started', feature: name, version: resolved.version };
  requirePlatform(session, probe, resolved);
  const feature = await prepareFeature(resolved, {
    ...context,
    root: session.root,
    platform: probe.platform,
  });
  const receipt = probe.receipts.get(name);
  const secrets = digestSecrets(feature.secretValues, receipt?.secrets, context.salt);
  let reason = compareReceipt(resolved, receipt);
  if (reason === undefined && receipt?.secrets !== secrets) reason = 'secrets-changed';
  const settled = yield* settleOtherJobs(session, probe, feature);
  const begun = probe.jobs.includes(feature.jobId('apply'));
  if (begun || (settled && (reason === undefined || reason === 'missing'))) reason = 'interrupted';
  if (!begun && receipt?.bundle !== resolved.bundle.digest) yield* deliverFiles(session, feature);

  const done = async function* (outcome: FeatureOutcome): AsyncGenerator<FeatureEvent, void> {
    // From now on it is declared for this guest: when it no longer is, that is said.
    if (outcome === 'unchanged' && receipt !== undefined && isInherited(receipt, session.guest))
      yield* writeReceipt(session, resolved, feature, secrets, undefined);
    yield { kind: 'feature-done', feature: name, outcome };
  };
  if ((reason === undefined || reason === 'missing') && resolved.feature.hooks.check !== undefined) {
    const inPlace = yield* runCheck(session, feature);
    if (inPlace && reason === undefined) return yield* done('unchanged');
    // Without a receipt the check's word is not enough: what does not work is applied.
    if (inPlace && (yield* verifies(session, resolved, feature))) {
      yield* writeReceipt(session, resolved, feature, secrets, undefined);
      return yield* done('adopted');
    }
    reason ??= 'drifted';
  }
  if (reason === undefined) return yield* done('unchanged');
  yield* applyForReason(session, resolved, feature, reason, secrets);
  yield* done('applied');
}

async function* applyForReason(
  session: GuestSession,
  resolved: ResolvedFeature,
  feature: PreparedFeature,
  reason: FeatureReason,
  secrets: string | undefined,
): AsyncGenerator<FeatureEvent, void> {
  yield { kind: 'feature-planned', feature: feature.name, reason };
  for (const message of resolved.bundle.remarks) yield { kind: 'remark', feature: feature.name, message };
  const end = yield* runHook(session, feature, 'apply');
  if (end.taken && (yield* isRecorded(session, resolved))) return;
  if (end.exitCode !== 0) {
    yield* keepLog(session, feature, end);
    throw hookError(session, feature, 'apply', end);
  }
  yield { kind: 'step-finished', feature: feature.name, step: 'apply', exitCode: 0 };
  // A guest that was restarted since the script began has had its reboot, in an earlier run.
  if (resolved.feature.reboot === 'after-apply' && !end.report.rebooted) {
    yield { kind: 'reboot-requested', feature: feature.name, step: 'apply', reboots: 1 };
    yield* rebootGuest(session, feature.name);
  }
  yield* runVerify(session, resolved, feature, end);
  yield* writeReceipt(session, resolved, feature, secrets, end);
}

/** Another run followed the same script and was quicker: its receipt stands in the guest. */
async function* isRecorded(
  session: GuestSession,
  resolved: ResolvedFeature,
): AsyncGenerator<FeatureEvent, boolean> {
  const { receipts } = yield* probeGuest(session);
  return compareReceipt(resolved, receipts.get(resolved.name)) === undefined;
}

/** Tells whether the feature is in place. A script that cannot run, or is killed, is an error and no answer. */
export async function* runCheck(
  session: GuestSession,
  feature: PreparedFeature,
): AsyncGenerator<FeatureEvent, boolean> {
  const end = yield* runHook(session, feature, 'check');
  if (end.exitCode === undefined || end.exitCode === 126 || end.exitCode === 127) {
    throw hookError(session, feature, 'check', end);
  }
  yield { kind: 'step-finished', feature: feature.name, step: 'check', exitCode: end.exitCode };
  return end.exitCode === 0;
}

async function* runVerify(
  session: GuestSession,
  resolved: ResolvedFeature,
  feature: PreparedFeature,
  applied?: HookEnd,
): AsyncGenerator<FeatureEvent, void> {
  if (resolved.feature.hooks.verify === undefined) return;
  const end = yield* runHook(session, feature, 'verify');
  if (end.exitCode !== 0) {
    // Its result goes too: a re-run must apply again, not only verify.
    if (applied !== undefined) yield* keepLog(session, feature, applied);
    throw hookError(session, feature, 'verify', end);
  }
  yield { kind: 'step-finished', feature: feature.name, step: 'verify', exitCode: 0 };
}

async function* verifies(
  session: GuestSession,
  resolved: ResolvedFeature,
  feature: PreparedFeature,
): AsyncGenerator<FeatureEvent, boolean> {
  if (resolved.feature.hooks.verify === undefined) return true;
  const end = yield* runHook(session, feature, 'verify');
  yield {
    kind: 'step-finished',
    feature: feature.name,
    step: 'verify',
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
  };
  return end.exitCode === 0;
}

/** The log of a failed script stays in the guest, its job's directory goes, so that a re-run starts afresh. */
async function* keepLog(
  session: GuestSession,
  feature: PreparedFeature,
  end: HookEnd,
): AsyncGenerator<FeatureEvent, void> {
  const text = feature.hasSecrets ? `\n${end.keptLog || '(no output)\n'}` : '\n';
  try {
    yield* runInGuest(
      session,
      'finish',
      [session.root, end.job, feature.name, '-', 'discard'],
      Buffer.from(text).subarray(0, session.chunkBytes),
    );
  } catch (error) {
    // The failure itself is what the caller must learn; a guest with a full disk cannot keep the log elsewhere.
    if (!(error instanceof FeaturesError)) throw error;
    yield { kind: 'remark', feature: feature.name, message: `The log could not be kept: ${error.message}` };
  }
}

async function* writeReceipt(
  session: GuestSession,
  resolved: ResolvedFeature,
  feature: PreparedFeature,
  secrets: string | undefined,
  end: HookEnd | undefined,
): AsyncGenerator<FeatureEvent, void> {
  const { remove } = resolved.feature.hooks;
  const receipt: Receipt = {
    v: 1,
    feature: resolved.name,
    ...(session.guest === undefined ? {} : { guest: session.guest }),
    version: resolved.version,
    options: resolved.optionsDigest,
    bundle: resolved.bundle.digest,
    ...(secrets === undefined ? {} : { secrets }),
    at: new Date(session.clock.now()).toISOString(),
    declared: JSON.parse(JSON.stringify(resolved.declared)),
    requires: [...resolved.feature.requires, ...resolved.feature.after],
    ...(remove === undefined
      ? {}
      : {
          remove: {
            script: remove.script,
            timeoutMs: remove.timeoutMs,
            interpreter: [...feature.interpreter('remove')],
            bundle: feature.bundle,
          },
        }),
  };
  const log = feature.hasSecrets && end !== undefined ? end.keptLog : '';
  const stdin = Buffer.from(`${JSON.stringify(receipt)}\n${log}`).subarray(0, session.chunkBytes);
  yield* runInGuest(
    session,
    'finish',
    [session.root, end?.job ?? '-', feature.name, feature.bundle, 'apply'],
    stdin,
  );
}

function requirePlatform(session: GuestSession, probe: GuestProbe, resolved: ResolvedFeature): void {
  const { platforms } = resolved.feature;
  if (supportsPlatform(platforms, probe.platform)) return;
  const wanted = platforms.map(({ id, minVersion }) =>
    minVersion === undefined ? id : `${id} ≥ ${minVersion}`,
  );
  throw new FeaturesError(
    'FEATURES_PLATFORM',
    `Feature ${resolved.name} supports ${wanted.join(', ')}; ${session.shell.description} runs ${probe.platform.id} ${probe.platform.version}.`,
    { feature: resolved.name },
  );
}
