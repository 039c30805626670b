import type { BundleFile } from '../bundle/feature-bundle.js';
import type { FeatureHookName, NormalHook } from '../contract/feature.js';
import type { Redact } from './redact.js';

/** A feature ready to run in one guest: secrets resolved, templates rendered. */
export interface PreparedFeature {
  readonly name: string;
  /** What its files are in the guest: the bundle's own, templates rendered. */
  readonly files: readonly BundleFile[];
  /** Where they lie in the guest once delivered. */
  readonly packDirectory: string;
  /** Digest of the delivered files. */
  readonly bundle: string;
  /** Options with secrets, as the scripts read them on stdin. */
  readonly optionsJson: string;
  readonly redact: Redact;
  /** It has secrets: raw output does not stay in the guest. */
  readonly hasSecrets: boolean;
  hook(name: FeatureHookName): NormalHook;
  interpreter(name: FeatureHookName): readonly string[];
  environment(name: FeatureHookName): Readonly<Record<string, string>>;
  /** Equal for equal work, so that another run finds it again. */
  jobId(name: FeatureHookName): string;
}
