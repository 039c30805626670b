import { readBundle } from '../bundle/read-bundle.js';
import { sha256 } from '../canonical-json.js';
import type { Feature } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import { resolveFeatures } from '../resolve/resolve-features.js';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';
import { checkFeatures } from '../run/check-features.js';
import type { FeatureEvent } from '../run/feature-event.js';
import { readReceipts } from '../run/read-receipts.js';
import { type RunFeaturesOptions, runFeatures } from '../run/run-features.js';
import type { FeatureCatalogue } from '../sources/feature-catalogue.js';
import { loadFeatures } from '../sources/load-features.js';

/** How to test a feature: the guest, and the options it is tried with. */
export interface TestFeatureOptions extends Omit<RunFeaturesOptions, 'features' | 'remove'> {
  readonly options?: unknown;
  /** Where required features come from; default: the built-in packs. */
  readonly catalogue?: FeatureCatalogue;
  /** Called with every event, e.g. to show output while the test runs. */
  readonly onEvent?: (event: FeatureEvent) => void;
}

/** One thing that the test looked at, in order. */
export interface FeatureTestStep {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message?: string;
}

/** What a test found. */
export interface FeatureTestReport {
  readonly feature: string;
  readonly passed: boolean;
  readonly steps: readonly FeatureTestStep[];
  readonly events: readonly FeatureEvent[];
}

/**
 * Tries a feature in a guest that does not have it yet, and looks whether it keeps the contract by itself: its check
 * says no before and yes after, applying twice harms nothing, a run after that is a no-op, verify agrees, and after
 * remove the check says no again. The guest is changed by it. Yields a report; a step that fails ends the test.
 * @throws FeaturesError only for a feature that cannot be resolved (`FEATURES_OPTIONS` …).
 */
export async function testFeature(feature: Feature, options: TestFeatureOptions): Promise<FeatureTestReport> {
  const steps: FeatureTestStep[] = [];
  const events: FeatureEvent[] = [];
  const features = await resolveForTest(feature, options);
  const run = async (chosen: readonly ResolvedFeature[], remove = false): Promise<FeatureEvent[]> => {
    const seen: FeatureEvent[] = [];
    for await (const event of runFeatures({ ...options, features: chosen, remove })) {
      seen.push(event);
      events.push(event);
      options.onEvent?.(event);
    }
    return seen;
  };
  const outcomeOf = (seen: readonly FeatureEvent[]): string => {
    const done = seen.findLast((event) => event.kind === 'feature-done' && event.feature === feature.name);
    return done?.kind === 'feature-done' ? done.outcome : 'not run';
  };
  const expectOutcome = (seen: readonly FeatureEvent[], wanted: string): void => {
    const got = outcomeOf(seen);
    const check = seen.find(
      (event) => event.kind === 'step-finished' && event.feature === feature.name && event.step === 'check',
    );
    if (wanted === 'applied' && check?.kind === 'step-finished' && check.exitCode === 0) {
      throw new Error('check says yes in a guest that does not have the feature: drift would never be found');
    }
    if (got !== wanted) throw new Error(`expected the feature to be ${wanted}, got ${got}`);
  };
  const checkSays = async (): Promise<boolean> => {
    const checks = await checkFeatures({ ...options, features });
    const own = checks.find((check) => check.feature === feature.name);
    if (own?.problem !== undefined) throw new Error(own.problem);
    return own?.reason === undefined;
  };

  const plan: readonly { title: string; skip?: string | undefined; work: () => Promise<void> }[] = [
    {
      title: 'is not in the guest before',
      work: async () => {
        const { receipts } = await readReceipts(options.shell, options);
        if (receipts[feature.name] !== undefined)
          throw new Error('there is a receipt already: use a fresh guest');
      },
    },
    {
      title: 'check says no, apply runs, verify agrees',
      work: async () => expectOutcome(await run(features), 'applied'),
    },
    {
      title: 'a second run has nothing to do',
      work: async () => expectOutcome(await run(features), 'unchanged'),
    },
    {
      title: 'applying once more harms nothing',
      work: async () => expectOutcome(await run(asNewerVersion(features, feature.name)), 'applied'),
    },
    {
      title: 'check says yes',
      skip: feature.hooks.check === undefined ? 'it has no check script' : undefined,
      work: async () => {
        await run(features);
        if (!(await checkSays())) throw new Error('check says no although the feature was applied');
      },
    },
    {
      title: 'remove takes it away',
      skip: feature.hooks.remove === undefined ? 'it has no remove script' : undefined,
      work: async () =>
        expectOutcome(
          await run(
            features.filter(({ name }) => name !== feature.name),
            true,
          ),
          'removed',
        ),
    },
    {
      title: 'after remove it can be applied again',
      skip: feature.hooks.remove === undefined ? 'it has no remove script' : undefined,
      work: async () => expectOutcome(await run(features), 'applied'),
    },
  ];
  for (const { title, skip, work } of plan) {
    if (skip !== undefined) {
      steps.push({ title, outcome: 'skipped', message: skip });
      continue;
    }
    try {
      await work();
      steps.push({ title, outcome: 'passed' });
    } catch (error) {
      options.signal?.throwIfAborted();
      steps.push({ title, outcome: 'failed', message: describe(error) });
      break;
    }
  }
  return { feature: feature.name, passed: steps.every(({ outcome }) => outcome !== 'failed'), steps, events };
}

async function resolveForTest(
  feature: Feature,
  options: TestFeatureOptions,
): Promise<readonly ResolvedFeature[]> {
  const known = options.catalogue ?? (await loadFeatures());
  const entry = {
    feature,
    bundle: await readBundle(feature),
    source: known.get(feature.name)?.source ?? { kind: 'built-in' as const },
  };
  const catalogue = new Map(known).set(feature.name, entry);
  return resolveFeatures(catalogue, [{ name: feature.name, options: options.options ?? {} }]);
}

/** The same work under a version that the guest's receipt does not know: the runner applies it again. */
function asNewerVersion(features: readonly ResolvedFeature[], name: string): readonly ResolvedFeature[] {
  return features.map((resolved) => {
    if (resolved.name !== name) return resolved;
    const version = `${resolved.version.replace(/\+.*/, '')}+again`;
    return {
      ...resolved,
      version,
      digest: sha256(`${resolved.digest} again`),
      feature: { ...resolved.feature, version },
    };
  });
}

function describe(error: unknown): string {
  if (!(error instanceof FeaturesError)) return error instanceof Error ? error.message : String(error);
  const lines = error.lastLines ?? [];
  return lines.length === 0
    ? error.message
    : `${error.message}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
