import { canonicalJson, sha256 } from '../canonical-json.js';
import { knownOptionKeys } from '../contract/options-schema.js';
import {
  FEATURES_ERROR_CODES,
  type FeatureProblem,
  FeaturesError,
  type FeaturesErrorCode,
} from '../features-error.js';
import { nearestName } from '../nearest-name.js';
import {
  type CataloguedFeature,
  describeSource,
  type FeatureCatalogue,
} from '../sources/feature-catalogue.js';
import { orderFeatures } from './order-features.js';
import { parseOptions } from './parse-options.js';
import type { DeclaredFeature, ResolvedFeature } from './resolved-feature.js';
import { satisfiesVersion } from './satisfies-version.js';

interface Wanted {
  readonly entry: CataloguedFeature;
  readonly declared: unknown;
  readonly requiredBy?: string;
}

/**
 * Yields the declared features of one guest in the order in which they run, with those that they require added.
 * Pure: reads no file and no clock.
 * @throws FeaturesError with every problem at once in `problems`; its `code` is the first problem's.
 */
export function resolveFeatures(
  catalogue: FeatureCatalogue,
  declared: readonly DeclaredFeature[],
): readonly ResolvedFeature[] {
  const problems: FeatureProblem[] = [];
  const report = (
    code: FeaturesErrorCode,
    path: FeatureProblem['path'],
    message: string,
    nearest?: string,
  ): void => {
    const { hint } = FEATURES_ERROR_CODES[code];
    problems.push({ code, path, message, hint, ...(nearest === undefined ? {} : { nearest }) });
  };
  const wanted = new Map<string, Wanted>();
  for (const [index, { name, version, options }] of declared.entries()) {
    const entry = catalogue.get(name);
    if (entry === undefined) {
      const nearest = nearestName(name, catalogue.keys());
      report(
        'FEATURES_UNKNOWN',
        [index],
        `There is no feature ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
        nearest,
      );
      continue;
    }
    if (wanted.has(name)) {
      report('FEATURES_CONFLICT', [index], `Feature ${name} is declared twice.`);
      continue;
    }
    if (version !== undefined && !satisfiesVersion(entry.feature.version, version)) {
      report(
        'FEATURES_VERSION',
        [index, 'version'],
        `Feature ${name}: expected version ${version}, got ${entry.feature.version} from ${describeSource(entry.source)}.`,
      );
    }
    reportOptions(entry, options ?? {}, index, report);
    wanted.set(name, { entry, declared: options ?? {} });
  }
  addRequired(catalogue, wanted, declared, report);
  reportConflicts(wanted, declared, report);
  const order = orderFeatures([...wanted.values()].map(({ entry }) => entry.feature));
  if (order.kind === 'cycle') {
    report('FEATURES_CYCLE', [], `Features come before each other in a circle: ${order.cycle.join(' → ')}.`);
  }
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
    throw new FeaturesError(first.code, `${first.message}${more}`, { hint: first.hint, problems });
  }
  return (order.kind === 'ordered' ? order.names : []).flatMap((name) => {
    const item = wanted.get(name);
    return item === undefined ? [] : [resolved(item)];
  });
}

type Report = (
  code: FeaturesErrorCode,
  path: FeatureProblem['path'],
  message: string,
  nearest?: string,
) => void;

function reportOptions(entry: CataloguedFeature, options: unknown, index: number, report: Report): void {
  const parsed = parseOptions(entry.feature.options, options);
  if (parsed.kind === 'valid') return;
  for (const problem of parsed.problems) {
    const path = [index, 'options', ...problem.path];
    const where = `Feature ${entry.feature.name}, option ${problem.path.join('.') || '(all)'}`;
    if (problem.unknownKey === undefined) {
      report('FEATURES_OPTIONS', path, `${where}: expected ${problem.expected}, got ${problem.got}.`);
      continue;
    }
    const known = knownOptionKeys(entry.feature, problem.path.slice(0, -1));
    const nearest = nearestName(problem.unknownKey, known);
    const hint =
      nearest === undefined ? `known are: ${known.join(', ') || 'none'}` : `did you mean ${nearest}?`;
    report('FEATURES_OPTIONS', path, `${where}: there is no such option; ${hint}`, nearest);
  }
}

function addRequired(
  catalogue: FeatureCatalogue,
  wanted: Map<string, Wanted>,
  declared: readonly DeclaredFeature[],
  report: Report,
): void {
  for (const [name, { entry }] of wanted) {
    for (const required of entry.feature.requires) {
      if (wanted.has(required)) continue;
      const index = declared.findIndex((feature) => feature.name === name);
      const path = index < 0 ? [] : [index];
      const found = catalogue.get(required);
      if (found === undefined) {
        const nearest = nearestName(required, catalogue.keys());
        report(
          'FEATURES_UNKNOWN',
          path,
          `Feature ${name} requires ${required}, which no source defines.`,
          nearest,
        );
      } else if (parseOptions(found.feature.options, {}).kind === 'invalid') {
        report(
          'FEATURES_OPTIONS',
          path,
          `Feature ${name} requires ${required}, which needs options: declare it in the config.`,
        );
      } else {
        // A Map grows while it is walked: what is added here has its own requirements added in turn.
        wanted.set(required, { entry: found, declared: {}, requiredBy: name });
      }
    }
  }
}

function reportConflicts(
  wanted: ReadonlyMap<string, Wanted>,
  declared: readonly DeclaredFeature[],
  report: Report,
): void {
  for (const [name, { entry }] of wanted) {
    for (const other of entry.feature.conflicts) {
      if (!wanted.has(other)) continue;
      const index = declared.findIndex((feature) => feature.name === name);
      report(
        'FEATURES_CONFLICT',
        index < 0 ? [] : [index],
        `Feature ${name} cannot be on one guest with ${other}.`,
      );
    }
  }
}

function resolved({ entry, declared, requiredBy }: Wanted): ResolvedFeature {
  const { feature, bundle, source } = entry;
  const parsed = parseOptions(feature.options, declared);
  const options = parsed.kind === 'valid' ? parsed.options : declared;
  const optionsDigest = sha256(canonicalJson(options));
  return {
    name: feature.name,
    version: feature.version,
    feature,
    bundle,
    source,
    declared,
    options,
    optionsDigest,
    digest: sha256(canonicalJson([feature.name, feature.version, optionsDigest, bundle.digest])),
    ...(requiredBy === undefined ? {} : { requiredBy }),
  };
}
