import type { FeatureBundle } from '../bundle/feature-bundle.js';
import type { Feature } from '../contract/feature.js';

/** Where a feature comes from. */
export type FeatureSource =
  | { readonly kind: 'built-in' }
  | {
      readonly kind: 'package';
      readonly package: string;
      readonly packageVersion: string;
      readonly directory: string;
    }
  | { readonly kind: 'directory'; readonly directory: string };

/** A feature with its files and its source. */
export interface CataloguedFeature {
  readonly feature: Feature;
  readonly bundle: FeatureBundle;
  readonly source: FeatureSource;
}

/** Every known feature by name, in the order of the sources. */
export type FeatureCatalogue = ReadonlyMap<string, CataloguedFeature>;

/** Yields a source in words, for messages: `package @acme/phoenix-feature-redis 1.0.0`. */
export function describeSource(source: FeatureSource): string {
  switch (source.kind) {
    case 'built-in':
      return 'the built-in packs';
    case 'package':
      return `package ${source.package} ${source.packageVersion}`;
    case 'directory':
      return `directory ${source.directory}`;
  }
}
