import { type FeatureCatalogue, loadFeatures, type ResolvedFeature, resolveFeatures } from '@phoenix/features';
import { checkFeatures } from '../config/check/check-features.js';
import { createConfigError } from '../config/config-error.js';
import type { ConfigProblem } from '../config/config-problem.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestMaterials } from '../kinds/guest-kind.js';
import { requireKind } from '../kinds/require-kind.js';
import { digestDeclaration } from '../plan/digest-declarations.js';
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
  const resolved = resolveAll(guests, catalogue);
  const entries = guests.map(async (declared): Promise<readonly [number, GuestMaterials]> => {
    const features = resolved.get(declared.vmid) ?? [];
    const seed = await requireKind(declared.kind).createSeed?.(declared, features, secrets);
    return [
      declared.vmid,
      {
        declarationDigest: digestDeclaration(declared),
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

/** The features of each guest, by vmid; guests without any are left out. */
function resolveAll(
  guests: readonly DeclaredGuest[],
  catalogue: FeatureCatalogue,
): ReadonlyMap<number, readonly ResolvedFeature[]> {
  const featured = guests.filter((guest) => guest.features.length > 0);
  try {
    return new Map(featured.map((guest) => [guest.vmid, resolveFeatures(catalogue, guest.features)]));
  } catch (error) {
    // The first problem ends resolving; people are told all of them, each in its place.
    const problems = checkFeatures(featured, catalogue);
    throw problems.length > 0 ? createConfigError(problems) : error;
  }
}
