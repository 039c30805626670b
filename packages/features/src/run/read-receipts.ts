import type { GuestPlatform } from '../contract/feature.js';
import { probeGuest } from './probe-guest.js';
import type { Receipt } from './receipt.js';
import { type GuestAccess, openSession } from './run-features.js';

/** What a guest tells about its features, as plain data. */
export interface GuestReceipts {
  readonly platform: GuestPlatform;
  /** By feature. */
  readonly receipts: Readonly<Record<string, Receipt>>;
  /** Features with a receipt that cannot be read. */
  readonly damaged: readonly string[];
  /** Features with a script that was started and whose end nobody has taken yet. */
  readonly unfinished: readonly string[];
}

/**
 * Reads the receipts inside a guest: one round trip, nothing changes there. Does not wait for a guest that is
 * silent unless `patienceMs` says so (default 0).
 * @throws FeaturesError `FEATURES_GUEST_UNREACHABLE`, `FEATURES_GUEST_PERMISSION`, `FEATURES_GUEST_ANSWER`.
 */
export async function readReceipts(
  shell: GuestAccess['shell'],
  options: Omit<GuestAccess, 'shell'> = {},
): Promise<GuestReceipts> {
  const probing = probeGuest(openSession({ patienceMs: 0, ...options, shell }));
  for (;;) {
    const step = await probing.next();
    if (!step.done) continue;
    const { platform, receipts, damaged, jobs } = step.value;
    return {
      platform,
      receipts: Object.fromEntries(receipts),
      damaged,
      unfinished: [...new Set(jobs.map((job) => job.split('.')[0] ?? ''))],
    };
  }
}
