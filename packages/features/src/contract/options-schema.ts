import { z } from 'zod';
import type { FeatureCatalogue } from '../sources/feature-catalogue.js';
import type { Feature } from './feature.js';

/** A JSON Schema (draft 2020-12), plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const SECRET: JsonSchema = {
  type: 'object',
  properties: { $secret: { type: 'string', description: 'env:NAME, file:path or cmd:argv' } },
  required: ['$secret'],
  additionalProperties: false,
};

/** Yields the JSON Schema of a feature's options as a config writes them: every string may be a secret reference. */
export function optionsSchema(feature: Feature): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(feature.options, { io: 'input', unrepresentable: 'any' });
  return allowSecrets(schema);
}

/**
 * Yields the JSON Schema of `features` of one guest: names, or objects whose options an editor completes. The options of
 * each feature stand under `$defs`, as `feature-<name>`: where the schema becomes a part of another, they go to its root.
 */
export function featuresSchema(catalogue: FeatureCatalogue): JsonSchema & { readonly $defs: JsonSchema } {
  const features = [...catalogue.values()].map(({ feature }) => feature);
  return {
    $defs: Object.assign({}, ...features.map(optionDefinitions)),
    type: 'array',
    items: {
      anyOf: [
        { enum: features.map(({ name }) => name) },
        ...features.map((feature) => ({
          type: 'object',
          description: feature.description,
          properties: {
            name: { const: feature.name, description: feature.description },
            version: { type: 'string', description: `Installed: ${feature.version}.` },
            options: { $ref: `#/$defs/feature-${feature.name}` },
          },
          required: ['name'],
          additionalProperties: false,
        })),
      ],
    },
  };
}

/** The options of a feature, and what they refer to, as definitions side by side: not every reader follows deeper references. */
function optionDefinitions(feature: Feature): JsonSchema {
  const own = `feature-${feature.name}`;
  const { $defs, ...schema } = optionsSchema(feature);
  const move = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(move);
    if (!isSchema(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) =>
        key === '$ref' && typeof item === 'string'
          ? [key, item.replace(/^#\/\$defs\//, `#/$defs/${own}-`).replace(/^#$/, `#/$defs/${own}`)]
          : [key, move(item)],
      ),
    );
  };
  const inner = isSchema($defs) ? Object.entries($defs) : [];
  return Object.fromEntries([
    [own, move(schema)],
    ...inner.map(([name, definition]) => [`${own}-${name}`, move(definition)]),
  ]);
}

/** Yields the names of the options known at a place of a feature's options; empty where any are. */
export function knownOptionKeys(feature: Feature, path: readonly (string | number)[]): readonly string[] {
  let schema: unknown = z.toJSONSchema(feature.options, { io: 'input', unrepresentable: 'any' });
  for (const part of path)
    schema = typeof part === 'number' ? field(schema, 'items') : field(field(schema, 'properties'), part);
  const properties = field(schema, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function allowSecrets(schema: JsonSchema): JsonSchema {
  if (schema.type === 'string' && schema.enum === undefined && schema.const === undefined) {
    const { description, default: preset, ...rest } = schema;
    return {
      ...(description === undefined ? {} : { description }),
      ...(preset === undefined ? {} : { default: preset }),
      anyOf: [rest, SECRET],
    };
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      // Keys of objects are described by strings too, and cannot be secret.
      if (key === 'propertyNames') return [key, value];
      if (key === 'properties' || key === '$defs') return [key, mapValues(value)];
      if (Array.isArray(value))
        return [key, value.map((item: unknown) => (isSchema(item) ? allowSecrets(item) : item))];
      return [key, isSchema(value) && key !== 'default' ? allowSecrets(value) : value];
    }),
  );
}

function mapValues(value: unknown): unknown {
  if (!isSchema(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSchema(item) ? allowSecrets(item) : item]),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
