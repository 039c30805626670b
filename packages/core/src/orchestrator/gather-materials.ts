import { type FeatureCatalogue, loadFeatures, resolveFeatures } from '@phoenix/features';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestMaterials } from '../kinds/guest-kind.js';
import { createMachineSeed } from '../kinds/machine/machine-seed.js';
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
 * Gathers what the guests need beyond configuration keys: resolved features, and seeds with their secrets.
 * @throws FeaturesError for features that do not exist or whose options are wrong; {@link PhoenixError} `PHOENIX_SECRET`
 */
export async function gatherMaterials(
  guests: readonly DeclaredGuest[],
  catalogue: FeatureCatalogue,
  secrets: SecretResolver,
): Promise<ReadonlyMap<number, GuestMaterials>> {
  const entries = guests.map(async (declared): Promise<readonly [number, GuestMaterials]> => {
    const features = resolveFeatures(catalogue, declared.features);
    const seed =
      declared.kind === 'machine' ? await createMachineSeed(declared, features, secrets) : undefined;
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
