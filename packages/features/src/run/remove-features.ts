import { sha256 } from '../canonical-json.js';
import type { FeatureHookName } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import { orderFeatures } from '../resolve/order-features.js';
import { replaceSecrets } from '../resolve/secret-references.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { optionEnvironment } from './option-environment.js';
import type { PreparedFeature } from './prepared-feature.js';
import type { GuestProbe } from './probe-guest.js';
import { isInherited, type Receipt } from './receipt.js';
import { createRedact } from './redact.js';
import type { RunFeaturesOptions } from './run-features.js';
import { hookError, runHook } from './run-hook.js';

/**
 * Handles features whose receipt is in the guest but which are not declared any more, last applied first: runs their
 * `remove` from the files that were delivered with them where the caller allows it, else leaves them and says so.
 * What a clone has from its source was never declared for it, and is left in silence.
 */
export async function* removeFeatures(
  session: GuestSession,
  probe: GuestProbe,
  options: RunFeaturesOptions,
): AsyncGenerator<FeatureEvent, void> {
  const declared = new Set(options.features.map(({ name }) => name));
  const orphans = [...probe.receipts.values()].filter(
    (receipt) => !declared.has(receipt.feature) && !isInherited(receipt, session.guest),
  );
  const order = orderFeatures(
    orphans.map(({ feature, requires }) => ({ name: feature, requires, after: [] })),
  );
  const names = order.kind === 'ordered' ? [...order.names].reverse() : orphans.map(({ feature }) => feature);
  for (const name of names) {
    const receipt = probe.receipts.get(name);
    if (receipt === undefined) continue;
    if (options.remove !== true || receipt.remove === undefined) {
      const why = receipt.remove === undefined ? 'it has no remove script' : 'removing was not allowed';
      yield {
        kind: 'remark',
        feature: name,
        message: `Feature ${name} is not declared any more and stays in the guest: ${why}.`,
      };
      continue;
    }
    yield { kind: 'feature-started', feature: name, version: receipt.version };
    const feature = preparedFromReceipt(session, probe, receipt, options);
    const end = yield* runHook(session, feature, 'remove');
    if (end.taken) {
      // Another run removed it meanwhile, or will tell why not.
      yield { kind: 'feature-done', feature: name, outcome: 'removed' };
      continue;
    }
    if (end.exitCode !== 0) {
      yield* runInGuest(session, 'finish', [session.root, end.job, name, '-', 'discard'], Buffer.from('\n'));
      throw hookError(session, feature, 'remove', end);
    }
    yield { kind: 'step-finished', feature: name, step: 'remove', exitCode: 0 };
    yield* runInGuest(session, 'finish', [session.root, end.job, name, '-', 'remove'], Buffer.from('\n'));
    yield { kind: 'feature-done', feature: name, outcome: 'removed' };
  }
}

/** A feature as its receipt tells it: its pack may be gone from the config. Secrets are left out of its options. */
function preparedFromReceipt(
  session: GuestSession,
  probe: GuestProbe,
  receipt: Receipt,
  options: RunFeaturesOptions,
): PreparedFeature {
  const { feature: name, remove } = receipt;
  const packDirectory = `${session.root}/packs/${name}/${remove?.bundle ?? ''}`;
  const declared = replaceSecrets(receipt.declared, () => undefined);
  const only = (hook: FeatureHookName): NonNullable<Receipt['remove']> => {
    if (hook !== 'remove' || remove === undefined) {
      throw new FeaturesError(
        'FEATURES_DEFINITION',
        `Feature ${name} has no ${hook} script in its receipt.`,
        { feature: name },
      );
    }
    return remove;
  };
  return {
    name,
    files: [],
    bundle: remove?.bundle ?? '',
    packDirectory,
    optionsJson: JSON.stringify(declared),
    redact: createRedact(options.redact ?? []),
    hasSecrets: false,
    hook: only,
    interpreter: (hook) => only(hook).interpreter,
    environment: (hook) => ({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      ...options.environment,
      ...optionEnvironment(declared),
      PHOENIX_FEATURE: name,
      PHOENIX_FEATURE_VERSION: receipt.version,
      PHOENIX_HOOK: hook,
      PHOENIX_PACK_DIR: packDirectory,
      PHOENIX_PLATFORM_ID: probe.platform.id,
      PHOENIX_PLATFORM_VERSION: probe.platform.version,
    }),
    jobId: (hook) => `${name}.${hook}.${sha256(JSON.stringify(receipt)).slice(0, 16)}`,
  };
}
