import { randomBytes } from 'node:crypto';
import { FeaturesError } from '../features-error.js';
import type { GuestShell } from '../guest-shell.js';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';
import { applyFeature } from './apply-feature.js';
import { type Clock, systemClock } from './clock.js';
import type { FeatureEvent } from './feature-event.js';
import { glanceAtFeatures } from './glance-at-features.js';
import type { GuestSession } from './guest-session.js';
import type { ResolveSecret } from './prepare-feature.js';
import { type GuestProbe, probeGuest } from './probe-guest.js';
import { removeFeatures } from './remove-features.js';

/** Where in a guest receipts, packs, jobs and logs lie. */
export const GUEST_ROOT = '/var/lib/phoenix';

/** How to reach one guest, and how long to wait for it. */
export interface GuestAccess {
  readonly shell: GuestShell;
  /**
   * Which guest it is, such as its vmid; written into receipts. Features whose receipt names another guest came with a clone's disk: they count
   * as applied, and as this guest's own only once it declares them.
   */
  readonly guest?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** How long a guest that does not answer is waited for; default 600 000. */
  readonly patienceMs?: number;
  /** Bytes of standard input a command may carry; default 45 000, within what the agent's API takes. */
  readonly chunkBytes?: number;
  /** Directory of Phoenix in the guest; default {@link GUEST_ROOT}. */
  readonly root?: string;
}

/** What to run, and where. */
export interface RunFeaturesOptions extends GuestAccess {
  /** In the order of `resolveFeatures`. */
  readonly features: readonly ResolvedFeature[];
  /** Yields the value behind a secret reference in options. */
  readonly resolveSecret?: ResolveSecret;
  /** Values that never appear in an event, beside the secrets of the options. */
  readonly redact?: readonly string[];
  /** Further environment of every script, e.g. `PHOENIX_GUEST_NAME`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs `remove` of features that were applied for this guest and are not declared any more; default false: they stay. */
  readonly remove?: boolean;
}

/**
 * Brings the features of one guest into place, in order: `check` → `apply` → `verify`, each only where needed.
 * Safe to repeat and to interrupt at any point: receipts in the guest make the next run a no-op (two round trips for
 * all features together), a script that still runs is found again and followed, one that ended unseen is not run twice.
 * Ends at the first feature that fails, after its `feature-failed` event.
 * @throws FeaturesError any code of the run; the abort reason when `signal` aborts (what runs in the guest goes on).
 */
export async function* runFeatures(options: RunFeaturesOptions): AsyncGenerator<FeatureEvent, void> {
  const session = openSession(options);
  const progress: {
    feature: string;
    step: 'probe' | 'check' | 'apply' | 'verify' | 'remove' | 'deliver' | 'reboot';
  } = {
    feature: options.features[0]?.name ?? '',
    step: 'probe',
  };
  try {
    const probe = yield* probeGuest(session);
    yield { kind: 'guest-probed', platform: probe.platform, receipts: [...probe.receipts.keys()] };
    for (const name of probe.damaged) {
      yield {
        kind: 'remark',
        feature: name,
        message: `The receipt of feature ${name} is damaged; it counts as not applied.`,
      };
    }
    requireTools(session, probe, options);
    for await (const event of followSteps(work(session, probe, options), progress)) yield event;
  } catch (error) {
    if (error instanceof FeaturesError && options.signal?.aborted !== true) {
      yield {
        kind: 'feature-failed',
        feature: error.feature ?? progress.feature,
        step: progress.step,
        code: error.code,
        message: error.message,
        hint: error.hint,
        ...(error.exitCode === undefined ? {} : { exitCode: error.exitCode }),
        lastLines: error.lastLines ?? [],
      };
    }
    throw error;
  }
}

async function* work(
  session: GuestSession,
  probe: GuestProbe,
  options: RunFeaturesOptions,
): AsyncGenerator<FeatureEvent, void> {
  yield* removeFeatures(session, probe, options);
  const inPlace = yield* glanceAtFeatures(session, probe, options.features, options);
  let untouched = true;
  for (const feature of options.features) {
    if (untouched && inPlace.has(feature.name)) {
      yield* tellInPlace(feature);
      continue;
    }
    const salt = randomBytes(12).toString('hex');
    for await (const event of applyFeature(session, probe, feature, { ...options, salt })) {
      // What is changed now may undo what the glance saw of the features that come later.
      if (event.kind === 'feature-planned') untouched = false;
      yield event;
    }
  }
}

function* tellInPlace({ name, version }: ResolvedFeature): Generator<FeatureEvent, void> {
  yield { kind: 'feature-started', feature: name, version };
  yield { kind: 'step-started', feature: name, step: 'check', reattached: false };
  yield { kind: 'step-finished', feature: name, step: 'check', exitCode: 0 };
  yield { kind: 'feature-done', feature: name, outcome: 'unchanged' };
}

/** Notes where the work is, so that a failure can name the place. */
async function* followSteps(
  events: AsyncIterable<FeatureEvent>,
  progress: { feature: string; step: string },
): AsyncGenerator<FeatureEvent, void> {
  for await (const event of events) {
    if (event.kind === 'feature-started') progress.feature = event.feature;
    if (event.kind === 'step-started') progress.step = event.step;
    yield event;
  }
}

/** Yields the session of one guest with every default filled in. */
export function openSession(access: GuestAccess): GuestSession {
  return {
    shell: access.shell,
    root: access.root ?? GUEST_ROOT,
    clock: access.clock ?? systemClock,
    patienceMs: access.patienceMs ?? 600_000,
    chunkBytes: access.chunkBytes ?? 45_000,
    ...(access.guest === undefined ? {} : { guest: access.guest }),
    ...(access.signal === undefined ? {} : { signal: access.signal }),
  };
}

function requireTools(session: GuestSession, probe: GuestProbe, options: RunFeaturesOptions): void {
  if (probe.lacks.length === 0 || options.features.length === 0) return;
  throw new FeaturesError(
    'FEATURES_GUEST_INCOMPLETE',
    `${session.shell.description} lacks ${probe.lacks.join(', ')}; features cannot run there.`,
  );
}
