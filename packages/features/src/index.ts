export { z } from 'zod';
export { type LintFinding, lintFeature } from './authoring/lint-feature.js';
export { type ScaffoldOptions, scaffoldFeature } from './authoring/scaffold-feature.js';
export {
  type FeatureTestReport,
  type FeatureTestStep,
  type TestFeatureOptions,
  testFeature,
} from './authoring/test-feature.js';
export type { BundleFile, FeatureBundle } from './bundle/feature-bundle.js';
export { defineFeature } from './contract/define-feature.js';
export {
  FEATURE_CONTRACT,
  FEATURE_HOOKS,
  type Feature,
  type FeatureDefinition,
  type FeatureHook,
  type FeatureHookName,
  type GuestPlatform,
  type HookContext,
  type NormalHook,
  type SupportedPlatform,
} from './contract/feature.js';
export { featuresSchema, type JsonSchema, optionsSchema } from './contract/options-schema.js';
export {
  FEATURES_ERROR_CODES,
  type FeatureProblem,
  FeaturesError,
  type FeaturesErrorCode,
  type FeaturesErrorDetails,
} from './features-error.js';
export type { GuestCommand, GuestCommandResult, GuestShell } from './guest-shell.js';
export { builtInFeatures } from './packs/built-in-features.js';
export { resolveFeatures } from './resolve/resolve-features.js';
export type { DeclaredFeature, ResolvedFeature } from './resolve/resolved-feature.js';
export type { SecretReference } from './resolve/secret-references.js';
export { checkFeatures, type FeatureCheck } from './run/check-features.js';
export type { Clock } from './run/clock.js';
export type { FeatureEvent, FeatureOutcome, FeatureStep } from './run/feature-event.js';
export type { ResolveSecret } from './run/prepare-feature.js';
export { type GuestReceipts, readReceipts } from './run/read-receipts.js';
export { compareReceipt, type FeatureReason, type Receipt } from './run/receipt.js';
export { GUEST_ROOT, type GuestAccess, type RunFeaturesOptions, runFeatures } from './run/run-features.js';
export {
  type CataloguedFeature,
  describeSource,
  type FeatureCatalogue,
  type FeatureSource,
} from './sources/feature-catalogue.js';
export { type FeatureSources, loadFeatures } from './sources/load-features.js';
