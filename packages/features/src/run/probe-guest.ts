import type { GuestPlatform } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { parseReceipt, type Receipt } from './receipt.js';

/** What one look into a guest tells. */
export interface GuestProbe {
  readonly platform: GuestPlatform;
  /** Changes with every boot of the kernel; `unknown` where there is none. */
  readonly bootId: string;
  /** Programs that the runner needs and the guest has not. */
  readonly lacks: readonly string[];
  readonly receipts: ReadonlyMap<string, Receipt>;
  /** Names of features whose receipt is damaged. */
  readonly damaged: readonly string[];
  /** Jobs that were started and not taken, by id. */
  readonly jobs: readonly string[];
}

/**
 * Looks into a guest: one round trip, nothing changes.
 * @throws FeaturesError `FEATURES_GUEST_PERMISSION` when commands there do not run as root, and as `runInGuest`.
 */
export async function* probeGuest(session: GuestSession): AsyncGenerator<FeatureEvent, GuestProbe> {
  const { stdout } = yield* runInGuest(session, 'probe', [session.root]);
  const lines = new TextDecoder().decode(stdout).split('\n');
  if (lines.at(-2) !== 'end') {
    throw new FeaturesError(
      'FEATURES_GUEST_ANSWER',
      `${session.shell.description} answered the first look with ${JSON.stringify(lines.slice(-3).join('\n').slice(0, 200))}; expected a line "end".`,
    );
  }
  const facts = lines.map((line) => {
    const blank = line.indexOf(' ');
    return blank < 0 ? { key: line, value: '' } : { key: line.slice(0, blank), value: line.slice(blank + 1) };
  });
  const all = (key: string): string[] => facts.filter((fact) => fact.key === key).map((fact) => fact.value);
  const [user = 'unknown'] = all('user');
  if (user !== '0') {
    throw new FeaturesError(
      'FEATURES_GUEST_PERMISSION',
      `Commands in ${session.shell.description} run as user id ${user}; expected root (0).`,
    );
  }
  const [id = 'unknown', version = '', like = ''] = (all('os')[0] ?? 'unknown').split('|');
  const receipts = new Map<string, Receipt>();
  const damaged: string[] = [];
  for (const line of all('receipt')) {
    const name = line.slice(0, line.indexOf(' '));
    const receipt = parseReceipt(line.slice(name.length + 1));
    if (receipt === undefined || receipt.feature !== name) damaged.push(name);
    else receipts.set(name, receipt);
  }
  return {
    platform: {
      id,
      version,
      like: like.split(' ').filter((item) => item !== ''),
      architecture: all('arch')[0] ?? 'unknown',
    },
    bootId: all('boot')[0] ?? 'unknown',
    lacks: all('lacks'),
    receipts,
    damaged,
    jobs: all('job').map((line) => line.split(' ')[0] ?? ''),
  };
}
