import { readBundle } from '../bundle/read-bundle.js';
import { FeaturesError } from '../features-error.js';
import { builtInFeatures } from '../packs/built-in-features.js';
import { type CataloguedFeature, describeSource, type FeatureCatalogue } from './feature-catalogue.js';
import { loadDirectory } from './load-directory.js';
import { loadPackage } from './load-package.js';

/** Where to look for features. */
export interface FeatureSources {
  /** npm packages or directories with a package.json, resolved from `from`. */
  readonly packages?: readonly string[];
  /** Directories of `feature_install_<name>.sh` scripts. */
  readonly directories?: readonly string[];
  /** Directory of the config; default the current one. */
  readonly from?: string;
  /** Leaves out the packs that come with Phoenix; default false. */
  readonly withoutBuiltIn?: boolean;
}

/**
 * Loads every feature of the sources with its files. Foreign packages are imported, which runs their code.
 * A directory's script takes precedence over the built-in pack of its name; any other clash of names is an error.
 * @throws FeaturesError `FEATURES_PACK_MISSING`, `FEATURES_PACK_LOAD`, `FEATURES_PACK_CLASH`, `FEATURES_DEFINITION`,
 * `FEATURES_CONTRACT_VERSION`.
 */
export async function loadFeatures(sources: FeatureSources = {}): Promise<FeatureCatalogue> {
  const from = sources.from ?? process.cwd();
  const catalogue = new Map<string, CataloguedFeature>();
  const add = (entry: CataloguedFeature): void => {
    const other = catalogue.get(entry.feature.name);
    const replaces = other?.source.kind === 'built-in' && entry.source.kind === 'directory';
    if (other !== undefined && !replaces) {
      throw new FeaturesError(
        'FEATURES_PACK_CLASH',
        `Feature ${entry.feature.name} is defined by ${describeSource(other.source)} and by ${describeSource(entry.source)}.`,
        { feature: entry.feature.name },
      );
    }
    catalogue.set(entry.feature.name, entry);
  };
  if (sources.withoutBuiltIn !== true) {
    for (const feature of builtInFeatures) {
      add({ feature, bundle: await readBundle(feature), source: { kind: 'built-in' } });
    }
  }
  for (const name of new Set(sources.packages ?? []))
    for (const entry of await loadPackage(name, from)) add(entry);
  for (const directory of new Set(sources.directories ?? [])) {
    for (const entry of await loadDirectory(directory)) add(entry);
  }
  return catalogue;
}
