import { z } from 'zod';
import { FeaturesError } from '../features-error.js';
import type { Feature, FeatureDefinition, FeatureHook, FeatureHookName, NormalHook } from './feature.js';
import { FEATURE_CONTRACT, FEATURE_HOOKS } from './feature.js';

/** Names of features, in configs, file names of the guest and units. */
export const FEATURE_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const DEFAULT_TIMEOUT_MS: Record<FeatureHookName, number> = {
  check: 60_000,
  apply: 3_600_000,
  verify: 300_000,
  remove: 600_000,
};
const KEYS = new Set([
  'name',
  'version',
  'description',
  'options',
  'requires',
  'after',
  'conflicts',
  'platforms',
  'files',
  'reboot',
  'cloudConfig',
  ...FEATURE_HOOKS,
]);

/**
 * Yields a feature from its definition; the options' type is inferred in every hook. Reads no file.
 * @throws FeaturesError `FEATURES_DEFINITION`, naming every mistake at once.
 */
export function defineFeature<Schema extends z.ZodType = z.ZodObject<Record<never, never>, z.core.$strict>>(
  definition: FeatureDefinition<Schema>,
): Feature {
  const mistakes = findMistakes(definition);
  if (mistakes.length > 0) {
    throw new FeaturesError(
      'FEATURES_DEFINITION',
      `The definition of feature ${JSON.stringify(definition?.name ?? '(no name)')} is wrong: ${mistakes.join('; ')}.`,
    );
  }
  const hooks: Partial<Record<FeatureHookName, NormalHook>> = {};
  for (const name of FEATURE_HOOKS) {
    const hook = definition[name];
    if (hook !== undefined) hooks[name] = normalHook(hook, DEFAULT_TIMEOUT_MS[name]);
  }
  const { apply = normalHook(definition.apply, DEFAULT_TIMEOUT_MS.apply) } = hooks;
  const cloudConfig = definition.cloudConfig;
  return {
    contract: FEATURE_CONTRACT,
    name: definition.name,
    version: definition.version,
    description: definition.description,
    options: definition.options ?? z.strictObject({}),
    requires: definition.requires ?? [],
    after: definition.after ?? [],
    conflicts: definition.conflicts ?? [],
    platforms: (definition.platforms ?? []).map((platform) =>
      typeof platform === 'string' ? { id: platform } : platform,
    ),
    files: directoryUrl(definition.files),
    hooks: { ...hooks, apply },
    reboot: definition.reboot ?? 'never',
    ...(cloudConfig === undefined
      ? {}
      : {
          cloudConfig: (context) =>
            cloudConfig.call(definition, { options: asOutput<Schema>(context.options) }),
        }),
  };
}

/** The runner parses the options with the very schema before it hands them to a hook. */
function asOutput<Schema extends z.ZodType>(options: unknown): z.output<Schema> {
  return options as z.output<Schema>;
}

function normalHook<Options>(hook: string | FeatureHook<Options>, timeoutMs: number): NormalHook {
  if (typeof hook === 'string') return { script: hook, timeoutMs };
  return {
    script: hook.script,
    timeoutMs: hook.timeoutMs ?? timeoutMs,
    ...(hook.environment === undefined
      ? {}
      : {
          environment: (context) =>
            hook.environment?.({ platform: context.platform, options: context.options as Options }) ?? {},
        }),
  };
}

function directoryUrl(files: URL): string {
  return files.href.endsWith('/') ? files.href : `${files.href}/`;
}

function findMistakes(definition: unknown): string[] {
  if (typeof definition !== 'object' || definition === null)
    return [`expected an object, got ${show(definition)}`];
  const mistakes: string[] = [];
  const fields: Readonly<Record<string, unknown>> = { ...definition };
  const expect = (key: string, met: boolean, expected: string): void => {
    if (!met) mistakes.push(`${key}: expected ${expected}, got ${show(fields[key])}`);
  };
  for (const key of Object.keys(fields)) {
    if (!KEYS.has(key)) mistakes.push(`${key}: not a key of a feature`);
  }
  const { name, version, description, options, files, reboot, cloudConfig } = fields;
  expect(
    'name',
    typeof name === 'string' && FEATURE_NAME.test(name),
    `a name such as "redis" (${FEATURE_NAME.source})`,
  );
  expect(
    'version',
    typeof version === 'string' && VERSION.test(version),
    'a semantic version such as "1.0.0"',
  );
  expect('description', typeof description === 'string' && description !== '', 'a sentence');
  expect('options', options === undefined || isSchema(options), 'a zod schema');
  expect(
    'files',
    files instanceof URL && files.protocol === 'file:',
    "a file URL such as new URL('./scripts/', import.meta.url)",
  );
  expect(
    'reboot',
    reboot === undefined || reboot === 'never' || reboot === 'after-apply',
    '"never" or "after-apply"',
  );
  expect('cloudConfig', cloudConfig === undefined || typeof cloudConfig === 'function', 'a function');
  for (const key of ['requires', 'after', 'conflicts']) {
    const value = fields[key];
    expect(
      key,
      value === undefined ||
        (Array.isArray(value) && value.every((item) => typeof item === 'string' && FEATURE_NAME.test(item))),
      'a list of feature names',
    );
  }
  expect('platforms', isPlatforms(fields.platforms), 'a list of system ids such as "debian"');
  for (const hook of FEATURE_HOOKS) {
    if (fields[hook] === undefined && hook !== 'apply') continue;
    expect(
      hook,
      isHook(fields[hook]),
      'the path of a script such as "apply.sh", or { script, timeoutMs?, environment? }',
    );
  }
  return mistakes;
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value;
}

function isPlatforms(value: unknown): boolean {
  if (value === undefined) return true;
  if (!Array.isArray(value)) return false;
  return value.every((item: unknown) => {
    if (typeof item === 'string') return item !== '';
    if (typeof item !== 'object' || item === null || !('id' in item) || typeof item.id !== 'string')
      return false;
    return !('minVersion' in item) || item.minVersion === undefined || typeof item.minVersion === 'string';
  });
}

function isHook(value: unknown): boolean {
  if (typeof value === 'string') return isScriptPath(value);
  if (typeof value !== 'object' || value === null || !('script' in value)) return false;
  if (typeof value.script !== 'string' || !isScriptPath(value.script)) return false;
  if ('timeoutMs' in value && value.timeoutMs !== undefined) {
    if (typeof value.timeoutMs !== 'number' || !(value.timeoutMs > 0)) return false;
  }
  return (
    !('environment' in value) || value.environment === undefined || typeof value.environment === 'function'
  );
}

function isScriptPath(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..') && /^[\w./ +-]+$/.test(path);
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
