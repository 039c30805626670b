import { FeaturesError } from '../features-error.js';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { shellExports, shellQuote } from './option-environment.js';
import { digestSecrets, type PreparationContext, prepareFeature } from './prepare-feature.js';
import type { PreparedFeature } from './prepared-feature.js';
import type { GuestProbe } from './probe-guest.js';
import { compareReceipt, isInherited } from './receipt.js';
import { supportsPlatform } from './supports-platform.js';

/** Seconds that one check may take here; a longer one is killed, and runs again as a job. */
const PATIENCE_SECONDS = 10;

/**
 * Asks the checks of all features whose receipts are current, in one round trip, up to the first that does not say yes.
 * Yields the names of those that did. What it leaves out or finds wrong has to be looked at one by one, as before.
 */
export async function* glanceAtFeatures(
  session: GuestSession,
  probe: GuestProbe,
  features: readonly ResolvedFeature[],
  context: Omit<PreparationContext, 'root' | 'platform'>,
): AsyncGenerator<FeatureEvent, ReadonlySet<string>> {
  const looks: { readonly name: string; readonly text: string }[] = [];
  let bytes = 0;
  for (const resolved of features) {
    if (!isCurrent(probe, resolved, session.guest)) continue;
    const text = await lookText(session, probe, resolved, context, looks.length + 1);
    if (text === undefined) continue;
    bytes += Buffer.byteLength(text);
    if (bytes > session.chunkBytes - 100) break;
    looks.push({ name: resolved.name, text });
  }
  if (looks.length === 0) return new Set();
  const stdin = Buffer.from(`${looks.map(({ text }) => text).join('')}phoenix_complete=1\n`);
  const { stdout } = yield* runInGuest(session, 'glance', [looks.length], stdin);
  const inPlace = [...new TextDecoder().decode(stdout).matchAll(/^in-place (\d+)$/gm)].map(
    ([, index]) => looks[Number(index) - 1]?.name,
  );
  return new Set(inPlace.filter((name) => name !== undefined));
}

/** It was applied for this guest, as it is declared now, and nothing of it is under way. */
function isCurrent(probe: GuestProbe, resolved: ResolvedFeature, guest: string | undefined): boolean {
  const { feature, name } = resolved;
  const receipt = probe.receipts.get(name);
  return (
    receipt !== undefined &&
    // What came with a clone's disk has to become the guest's own first.
    !isInherited(receipt, guest) &&
    feature.hooks.check !== undefined &&
    supportsPlatform(feature.platforms, probe.platform) &&
    compareReceipt(resolved, receipt) === undefined &&
    !probe.jobs.some((job) => job.split('.')[0] === name)
  );
}

/** A shell function that becomes the check; undefined where the feature must be looked at on its own. */
async function lookText(
  session: GuestSession,
  probe: GuestProbe,
  resolved: ResolvedFeature,
  context: Omit<PreparationContext, 'root' | 'platform'>,
  index: number,
): Promise<string | undefined> {
  try {
    const feature = await prepareFeature(resolved, {
      ...context,
      root: session.root,
      platform: probe.platform,
    });
    const recorded = probe.receipts.get(resolved.name)?.secrets;
    if (digestSecrets(feature.secretValues, recorded, '') !== recorded) return undefined;
    return lookFunction(feature, index);
  } catch (error) {
    // What cannot be prepared is told when its turn comes.
    if (error instanceof FeaturesError) return undefined;
    throw error;
  }
}

function lookFunction(feature: PreparedFeature, index: number): string {
  const { script, timeoutMs } = feature.hook('check');
  const pack = shellQuote(feature.packDirectory, 'the directory');
  const seconds = Math.min(PATIENCE_SECONDS, Math.ceil(timeoutMs / 1000));
  const argv = [...feature.interpreter('check'), `./${script}`].map((word) => shellQuote(word, 'the script'));
  return [
    `look_${index}() {`,
    shellExports({ ...feature.environment('check'), PHOENIX_REBOOTS: '0' }),
    `[ -f ${pack}/.complete ] && cd ${pack} || return 1`,
    // One line of JSON: it cannot end the document.
    `exec timeout -s KILL ${seconds} ${argv.join(' ')} <<'PHOENIX_OPTIONS'`,
    feature.optionsJson,
    'PHOENIX_OPTIONS',
    '}',
    '',
  ].join('\n');
}
