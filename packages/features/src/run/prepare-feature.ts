import { scryptSync } from 'node:crypto';
import Handlebars from 'handlebars';
import type { BundleFile } from '../bundle/feature-bundle.js';
import { packBundle } from '../bundle/pack-bundle.js';
import { canonicalJson, sha256 } from '../canonical-json.js';
import type { FeatureHookName, GuestPlatform } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';
import { findSecrets, replaceSecrets } from '../resolve/secret-references.js';
import { optionEnvironment } from './option-environment.js';
import type { PreparedFeature } from './prepared-feature.js';
import { createRedact } from './redact.js';

/** Yields the value behind a reference such as `env:NAME`. */
export type ResolveSecret = (reference: string) => string | Promise<string>;

/** What preparing needs beside the feature. */
export interface PreparationContext {
  readonly root: string;
  readonly platform: GuestPlatform;
  readonly resolveSecret?: ResolveSecret;
  /** Further values to redact. */
  readonly redact?: readonly string[];
  /** Further environment of every script. */
  readonly environment?: Readonly<Record<string, string>>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes a resolved feature ready for one guest: resolves its secrets, checks the options with their values, renders
 * `*.hbs` files (which see options without secrets).
 * @throws FeaturesError `FEATURES_SECRET`, `FEATURES_OPTIONS`, `FEATURES_TEMPLATE`.
 */
export async function prepareFeature(
  resolved: ResolvedFeature,
  context: PreparationContext,
): Promise<PreparedFeature & { readonly secretValues: readonly string[] }> {
  const { feature, name } = resolved;
  const secrets = await resolveSecrets(resolved, context);
  const options = parseWithSecrets(resolved, secrets);
  const files = renderTemplates(resolved, context.platform);
  const bundle = files === resolved.bundle.files ? resolved.bundle.digest : sha256(packBundle(files).bytes);
  const hookOf = (
    hook: FeatureHookName,
  ): PreparedFeature['hook'] extends (name: never) => infer Hook ? Hook : never => {
    const found = feature.hooks[hook];
    if (found === undefined)
      throw new FeaturesError('FEATURES_DEFINITION', `Feature ${name} has no ${hook} script.`);
    return found;
  };
  return {
    name,
    files,
    bundle,
    packDirectory: `${context.root}/packs/${name}/${bundle}`,
    optionsJson: JSON.stringify(options),
    redact: createRedact([...secrets.values(), ...(context.redact ?? [])]),
    hasSecrets: secrets.size > 0,
    secretValues: [...secrets.values()],
    hook: hookOf,
    interpreter: (hook) => resolved.bundle.interpreters[hookOf(hook).script] ?? ['/bin/sh'],
    environment: (hook) => ({
      PATH,
      HOME: '/root',
      USER: 'root',
      LOGNAME: 'root',
      SHELL: '/bin/sh',
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      ...context.environment,
      ...optionEnvironment(options),
      PHOENIX_FEATURE: name,
      PHOENIX_FEATURE_VERSION: feature.version,
      PHOENIX_HOOK: hook,
      PHOENIX_PACK_DIR: `${context.root}/packs/${name}/${bundle}`,
      PHOENIX_PLATFORM_ID: context.platform.id,
      PHOENIX_PLATFORM_VERSION: context.platform.version,
      PHOENIX_PLATFORM_LIKE: context.platform.like.join(' '),
      PHOENIX_ARCHITECTURE: context.platform.architecture,
      ...hookOf(hook).environment?.({ options, platform: context.platform }),
    }),
    jobId: (hook) => `${name}.${hook}.${resolved.digest.slice(0, 16)}`,
  };
}

async function resolveSecrets(
  resolved: ResolvedFeature,
  context: PreparationContext,
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const { reference, path } of findSecrets(resolved.declared)) {
    if (values.has(reference)) continue;
    if (context.resolveSecret === undefined) {
      throw new FeaturesError(
        'FEATURES_SECRET',
        `Feature ${resolved.name}, option ${path.join('.')}: nothing was given that resolves the secret ${reference}.`,
      );
    }
    try {
      values.set(reference, await context.resolveSecret(reference));
    } catch (error) {
      throw new FeaturesError(
        'FEATURES_SECRET',
        `Feature ${resolved.name}, option ${path.join('.')}: the secret ${reference} could not be resolved: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error, feature: resolved.name },
      );
    }
  }
  return values;
}

/** The schema's own messages may quote a value, so only the path and the kind of problem are told. */
function parseWithSecrets(resolved: ResolvedFeature, secrets: ReadonlyMap<string, string>): unknown {
  const parsed = resolved.feature.options.safeParse(
    replaceSecrets(resolved.declared, (reference) => secrets.get(reference)),
  );
  if (parsed.success) return parsed.data;
  const redact = createRedact(secrets.values());
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.')}: ${redact(issue.message)}`,
  );
  throw new FeaturesError(
    'FEATURES_OPTIONS',
    `Options of feature ${resolved.name} are wrong: ${issues.join('; ')}.`,
    {
      feature: resolved.name,
    },
  );
}

function renderTemplates(resolved: ResolvedFeature, platform: GuestPlatform): readonly BundleFile[] {
  const { files } = resolved.bundle;
  if (!files.some(({ path }) => path.endsWith('.hbs'))) return files;
  const options = replaceSecrets(resolved.declared, () => undefined);
  const parsed = resolved.feature.options.safeParse(options);
  const view = { options: parsed.success ? parsed.data : options, platform, feature: resolved.name };
  return files.map((file) => {
    if (!file.path.endsWith('.hbs')) return file;
    try {
      const source = Buffer.from(file.content).toString('utf8');
      const text = Handlebars.create().compile(source, { noEscape: true, strict: true })(view);
      return { path: file.path.slice(0, -'.hbs'.length), mode: file.mode, content: Buffer.from(text) };
    } catch (error) {
      throw new FeaturesError(
        'FEATURES_TEMPLATE',
        `${file.path} of feature ${resolved.name} cannot be rendered: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
        { cause: error, feature: resolved.name },
      );
    }
  });
}

/**
 * Yields a digest of secrets that a receipt may hold: salted and slow to guess; undefined without secrets.
 * @param like a digest made earlier, whose salt is used again for comparing.
 */
export function digestSecrets(
  values: readonly string[],
  like: string | undefined,
  salt: string,
): string | undefined {
  if (values.length === 0) return undefined;
  const used = like?.split(':')[1] ?? salt;
  const hash = scryptSync(canonicalJson(values), used, 24, { N: 16_384, r: 8, p: 1 });
  return `scrypt:${used}:${hash.toString('hex')}`;
}
