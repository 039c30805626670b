import { FeaturesError } from '../features-error.js';
import { runCheck } from './apply-feature.js';
import { glanceAtFeatures } from './glance-at-features.js';
import { digestSecrets, prepareFeature } from './prepare-feature.js';
import { probeGuest } from './probe-guest.js';
import { compareReceipt, type FeatureReason } from './receipt.js';
import { openSession, type RunFeaturesOptions } from './run-features.js';

/** What a look at one feature in a guest tells. */
export interface FeatureCheck {
  readonly feature: string;
  /** Why a run would apply it; absent when it is as declared. */
  readonly reason?: FeatureReason;
  /** The check could not tell; the sentence says why. A run would fail in the same way. */
  readonly problem?: string;
}

/**
 * Looks whether features are in place, by receipts and then by their `check` scripts: two round trips
 * where all is well, and one for each feature from the first that is not. Applies nothing; a check script may have to be delivered.
 * @throws FeaturesError when the guest cannot be asked.
 */
export async function checkFeatures(
  options: Omit<RunFeaturesOptions, 'remove'>,
): Promise<readonly FeatureCheck[]> {
  const session = openSession(options);
  const probe = await settle(probeGuest(session));
  const inPlace = await settle(glanceAtFeatures(session, probe, options.features, options));
  const checks: FeatureCheck[] = [];
  for (const resolved of options.features) {
    const { name: feature } = resolved;
    const receipt = probe.receipts.get(feature);
    const reason = compareReceipt(resolved, receipt);
    if (reason !== undefined || inPlace.has(feature)) {
      checks.push({ feature, ...(reason === undefined ? {} : { reason }) });
      continue;
    }
    try {
      const prepared = await prepareFeature(resolved, {
        ...options,
        root: session.root,
        platform: probe.platform,
      });
      if (digestSecrets(prepared.secretValues, receipt?.secrets, '') !== receipt?.secrets) {
        checks.push({ feature, reason: 'secrets-changed' });
      } else if (resolved.feature.hooks.check === undefined || (await settle(runCheck(session, prepared)))) {
        checks.push({ feature });
      } else {
        checks.push({ feature, reason: 'drifted' });
      }
    } catch (error) {
      if (!(error instanceof FeaturesError) || error.code === 'FEATURES_GUEST_UNREACHABLE') throw error;
      checks.push({ feature, problem: error.message });
    }
  }
  return checks;
}

async function settle<T>(steps: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}
