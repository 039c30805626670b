import { type FeatureCatalogue, loadFeatures, resolveFeatures } from '@phoenix/features';
import { checkFeatures } from '../config/check/check-features.js';
import { createConfigError } from '../config/config-error.js';
import type { ConfigProblem } from '../config/config-problem.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestMaterials } from '../kinds/guest-kind.js';
import { requireKind } from '../kinds/require-kind.js';
import { digestOf } from '../plan/digest-of.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';

/** Loads what features a configuration may name. Foreign packages are imported, which runs their code. */
export function loadConfigFeatures(config: Config): Promise<FeatureCatalogue> {
  return loadFeatures({
    packages: config.featurePacks,
    directories: config.featureDirectories,
    from: config.directory,
  });
}

/**
 * What is wrong with the features that a configuration declares, each in its place: unknown ones, wrong options and versions, conflicts.
 * Imports the packs it names, which runs their code.
 * @throws FeaturesError when a pack cannot be loaded.
 */
export async function inspectFeatures(config: Config): Promise<readonly ConfigProblem[]> {
  return checkFeatures(config.guests, await loadConfigFeatures(config));
}

/**
 * Gathers what the guests need beyond configuration keys: resolved features, and seeds with their secrets.
 * @throws {PhoenixError} `PHOENIX_CONFIG` for features that do not exist or whose options are wrong; `PHOENIX_SECRET`
 */
export async function gatherMaterials(
  guests: readonly DeclaredGuest[],
  catalogue: FeatureCatalogue,
  secrets: SecretResolver,
): Promise<ReadonlyMap<number, GuestMaterials>> {
  const problems = checkFeatures(guests, catalogue);
  if (problems.length > 0) throw createConfigError(problems);
  const entries = guests.map(async (declared): Promise<readonly [number, GuestMaterials]> => {
    const features = resolveFeatures(catalogue, declared.features);
    const seed = await requireKind(declared.kind).createSeed?.(declared, features, secrets);
    return [
      declared.vmid,
      {
        features,
        ...(features.length === 0
          ? {}
          : { featuresDigest: digestOf(features.map((feature) => feature.digest)).slice(0, 32) }),
        ...(seed === undefined ? {} : { seed }),
      },
    ];
  });
  return new Map(await Promise.all(entries));
}
