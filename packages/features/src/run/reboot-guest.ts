import { FeaturesError } from '../features-error.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';
import { probeGuest } from './probe-guest.js';

/**
 * Restarts the guest from inside and waits until it has another boot id. Repeating it never restarts it twice.
 * @throws FeaturesError `FEATURES_GUEST_UNREACHABLE` when the guest does not come back in time.
 */
export async function* rebootGuest(
  session: GuestSession,
  feature: string,
): AsyncGenerator<FeatureEvent, void> {
  const before = yield* probeGuest(session);
  yield { kind: 'step-started', feature, step: 'reboot', reattached: false };
  yield* runInGuest(session, 'reboot', [before.bootId]);
  const begun = session.clock.now();
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 1.5, 3_000)) {
    await session.clock.sleep(pauseMs, session.signal);
    const now = yield* probeGuest(session);
    if (now.bootId !== before.bootId) break;
    if (session.clock.now() - begun >= session.patienceMs) {
      throw new FeaturesError(
        'FEATURES_GUEST_UNREACHABLE',
        `${session.shell.description} was told to restart for feature ${feature} and did not do so within ${Math.round(session.patienceMs / 1000)} s.`,
        { feature, step: 'reboot' },
      );
    }
  }
  yield { kind: 'step-finished', feature, step: 'reboot' };
  yield { kind: 'guest-rebooted', feature };
}
