import type { GuestPlatform } from '../contract/feature.js';
import type { FeaturesErrorCode } from '../features-error.js';
import type { FeatureReason } from './receipt.js';

/** The parts of the work on one feature. */
export type FeatureStep = 'deliver' | 'check' | 'apply' | 'verify' | 'remove' | 'reboot';

/** What a feature came to. `adopted`: it was in place without a receipt, which was written now. */
export type FeatureOutcome = 'unchanged' | 'applied' | 'adopted' | 'removed' | 'kept';

/**
 * What happens while features run, in order: plain data without times, safe to print and store (secrets are
 * replaced by `***`, control characters are gone). After `feature-failed` the run ends by throwing.
 */
export type FeatureEvent =
  | {
      readonly kind: 'guest-probed';
      readonly platform: GuestPlatform;
      /** Names of features with a receipt. */
      readonly receipts: readonly string[];
    }
  | { readonly kind: 'feature-started'; readonly feature: string; readonly version: string }
  | { readonly kind: 'feature-planned'; readonly feature: string; readonly reason: FeatureReason }
  | {
      readonly kind: 'step-started';
      readonly feature: string;
      readonly step: FeatureStep;
      /** The script was started earlier, by this or another run, and is followed from now on. */
      readonly reattached: boolean;
    }
  | {
      readonly kind: 'output';
      readonly feature: string;
      readonly step: FeatureStep;
      readonly line: string;
    }
  /** Output that was not fetched, because the script prints faster than it can be carried; it stays in the guest's log. */
  | {
      readonly kind: 'output-skipped';
      readonly feature: string;
      readonly step: FeatureStep;
      readonly bytes: number;
    }
  | {
      readonly kind: 'step-finished';
      readonly feature: string;
      readonly step: FeatureStep;
      /** Absent for steps without a script. */
      readonly exitCode?: number;
    }
  | {
      readonly kind: 'step-lost';
      readonly feature: string;
      readonly step: FeatureStep;
      readonly message: string;
    }
  | {
      readonly kind: 'reboot-requested';
      readonly feature: string;
      readonly step: FeatureStep;
      readonly reboots: number;
    }
  | { readonly kind: 'guest-rebooted'; readonly feature: string }
  | { readonly kind: 'guest-unreachable'; readonly feature?: string; readonly message: string }
  | { readonly kind: 'guest-reachable'; readonly feature?: string }
  | { readonly kind: 'remark'; readonly feature?: string; readonly message: string }
  | { readonly kind: 'feature-done'; readonly feature: string; readonly outcome: FeatureOutcome }
  | {
      readonly kind: 'feature-failed';
      readonly feature: string;
      readonly step: FeatureStep | 'probe';
      readonly code: FeaturesErrorCode;
      readonly message: string;
      readonly hint: string;
      readonly exitCode?: number;
      /** At most twenty. */
      readonly lastLines: readonly string[];
    };
