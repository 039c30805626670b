import { z } from 'zod';
import { FeaturesError } from '../features-error.js';
import { FEATURE_NAME } from './define-feature.js';
import { FEATURE_CONTRACT, type Feature } from './feature.js';

const hook = z.object({
  script: z.string().min(1),
  timeoutMs: z.number().positive(),
  environment: z.custom<NonNullable<Feature['hooks']['apply']['environment']>>(isFunction).optional(),
});
const names = z.array(z.string().regex(FEATURE_NAME));
const shape = z.object({
  contract: z.literal(FEATURE_CONTRACT),
  name: z.string().regex(FEATURE_NAME),
  version: z.string().min(1),
  description: z.string(),
  options: z.custom<z.ZodType>(isSchema, 'expected a zod schema'),
  requires: names,
  after: names,
  conflicts: names,
  platforms: z.array(z.object({ id: z.string(), minVersion: z.string().optional() })),
  files: z.string().regex(/^file:\/\/.*\/$/),
  hooks: z.object({ check: hook.optional(), apply: hook, verify: hook.optional(), remove: hook.optional() }),
  reboot: z.enum(['never', 'after-apply']),
  cloudConfig: z.custom<NonNullable<Feature['cloudConfig']>>(isFunction).optional(),
});

/**
 * Checks that a value from a foreign module is what `defineFeature` yields, and yields it.
 * @param origin names the module in messages.
 * @throws FeaturesError `FEATURES_CONTRACT_VERSION` or `FEATURES_DEFINITION`.
 */
export function parseFeature(value: unknown, origin: string): Feature {
  if (typeof value !== 'object' || value === null || !('contract' in value)) {
    throw new FeaturesError(
      'FEATURES_DEFINITION',
      `${origin} exports ${describe(value)}; expected the result of defineFeature(…), or a list of them, as default export.`,
    );
  }
  if (value.contract !== FEATURE_CONTRACT) {
    throw new FeaturesError(
      'FEATURES_CONTRACT_VERSION',
      `${origin} is written for version ${String(value.contract)} of the feature contract; this Phoenix runs version ${FEATURE_CONTRACT}.`,
    );
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new FeaturesError(
      'FEATURES_DEFINITION',
      `A feature of ${origin} has the wrong shape: ${issues.join('; ')}.`,
    );
  }
  return withoutUndefined(parsed.data);
}

function withoutUndefined(parsed: z.infer<typeof shape>): Feature {
  const { cloudConfig, hooks, platforms, ...rest } = parsed;
  const normal = ({ environment, ...fields }: z.infer<typeof hook>): Feature['hooks']['apply'] => ({
    ...fields,
    ...(environment === undefined ? {} : { environment }),
  });
  return {
    ...rest,
    platforms: platforms.map(({ id, minVersion }) =>
      minVersion === undefined ? { id } : { id, minVersion },
    ),
    hooks: {
      apply: normal(hooks.apply),
      ...(hooks.check === undefined ? {} : { check: normal(hooks.check) }),
      ...(hooks.verify === undefined ? {} : { verify: normal(hooks.verify) }),
      ...(hooks.remove === undefined ? {} : { remove: normal(hooks.remove) }),
    },
    ...(cloudConfig === undefined ? {} : { cloudConfig }),
  };
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_zod' in value;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'object')
    return `an object with the keys ${Object.keys(value).slice(0, 8).join(', ') || '(none)'}`;
  return `a ${typeof value}`;
}
