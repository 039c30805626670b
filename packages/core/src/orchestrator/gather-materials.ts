import type { CloudConfigPart } from '@phoenix/cloudinit';
import {
  type FeatureCatalogue,
  loadFeatures,
  type ResolvedFeature,
  resolveFeatures,
} from '@phoenix/features';
import { checkFeatures } from '../config/check/check-features.js';
import { createConfigError } from '../config/config-error.js';
import type { ConfigProblem } from '../config/config-problem.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import { describeFeatures } from '../kinds/describe-features.js';
import type { GuestMaterials } from '../kinds/guest-kind.js';
import { createPasswordDisguise } from '../kinds/password-disguise.js';
import { requireKind } from '../kinds/require-kind.js';
import { digestOf } from '../plan/digest-of.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';
import { inTurns } from './in-turns.js';

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
  const featureSets = resolveFeatureSets(guests, catalogue);
  const disguise = createPasswordDisguise();
  const prepare = async (declared: DeclaredGuest): Promise<GuestMaterials> => {
    const { features, digest, cloudConfigs } = featureSets.get(declared.vmid) ?? noFeatures;
    const seed = await requireKind(declared.kind).createSeed?.(declared, {
      featureConfigs: cloudConfigs,
      secrets,
      disguise,
    });
    return {
      features,
      ...(digest === undefined ? {} : { featuresDigest: digest }),
      ...(seed === undefined ? {} : { seed }),
    };
  };
  const materials = new Map<number, GuestMaterials>();
  await inTurns(guests, async (guest) => materials.set(guest.vmid, await prepare(guest)));
  return materials;
}

/** Features of a guest with what follows from them alone. Guests that declare equal features have one in common. */
interface FeatureSet {
  readonly features: readonly ResolvedFeature[];
  /** Absent without features. */
  readonly digest?: string;
  readonly cloudConfigs: readonly CloudConfigPart[];
}

const noFeatures: FeatureSet = { features: [], cloudConfigs: [] };

/** The features of the guests that have any, by vmid. */
function resolveFeatureSets(
  guests: readonly DeclaredGuest[],
  catalogue: FeatureCatalogue,
): ReadonlyMap<number, FeatureSet> {
  const featured = guests.filter((guest) => guest.features.length > 0);
  const known = new Map<string, FeatureSet>();
  const resolve = ({ features: declared }: DeclaredGuest): FeatureSet => {
    const key = JSON.stringify(declared.map(({ name, version, options }) => [name, version, options]));
    const set = known.get(key) ?? describeFeatureSet(resolveFeatures(catalogue, declared));
    known.set(key, set);
    return set;
  };
  try {
    return new Map(featured.map((guest) => [guest.vmid, resolve(guest)]));
  } catch (error) {
    // The first problem ends resolving; people are told all of them, each in its place.
    const problems = checkFeatures(featured, catalogue);
    throw problems.length > 0 ? createConfigError(problems) : error;
  }
}

function describeFeatureSet(features: readonly ResolvedFeature[]): FeatureSet {
  return {
    features,
    digest: digestOf(features.map((feature) => feature.digest)).slice(0, 32),
    cloudConfigs: describeFeatures(features),
  };
}
