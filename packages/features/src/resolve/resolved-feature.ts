import type { FeatureBundle } from '../bundle/feature-bundle.js';
import type { Feature } from '../contract/feature.js';
import type { FeatureSource } from '../sources/feature-catalogue.js';

/** A feature as a config asks for it. */
export interface DeclaredFeature {
  readonly name: string;
  /** Exact (`1.2.3`), a beginning (`1`, `1.2`), `^1.2.3` or `~1.2.3`; default any. */
  readonly version?: string;
  /** May hold secret references at any depth. */
  readonly options?: unknown;
}

/** A declared feature, checked and put into its place in the order. Plain data but for `feature`. */
export interface ResolvedFeature {
  readonly name: string;
  readonly version: string;
  readonly feature: Feature;
  readonly bundle: FeatureBundle;
  readonly source: FeatureSource;
  /** Options as declared, secrets as references. */
  readonly declared: unknown;
  /** Options with the schema's defaults, secrets as references or placeholders; for reading, not for running. */
  readonly options: unknown;
  /** SHA-256 of the options with defaults; secrets count by their reference. */
  readonly optionsDigest: string;
  /** SHA-256 of name, version, options and files: equal digests mean that nothing needs to be applied again. */
  readonly digest: string;
  /** The feature that requires this one, where it was not declared itself. */
  readonly requiredBy?: string;
}
