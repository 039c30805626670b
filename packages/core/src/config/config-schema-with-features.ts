import { type FeatureCatalogue, featuresSchema } from '@phoenix/features';
import { configJsonSchema } from './json-schema.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a configuration file as {@link configJsonSchema} yields it, in which `features` are those of a
 * catalogue with their own options: an editor completes them, and marks what a pack would refuse.
 */
export function configSchemaWithFeatures(catalogue: FeatureCatalogue): Json {
  const { $defs, ...features } = featuresSchema(catalogue);
  const place = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(place);
    if (!isObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) =>
        key === 'properties' && isObject(value) && isObject(value.features)
          ? [key, { ...mapValues(value, place), features: declared(value.features, features) }]
          : [key, place(value)],
      ),
    );
  };
  const schema = place(configJsonSchema());
  const root = isObject(schema) ? schema : {};
  return { ...root, $defs: { ...(isObject(root.$defs) ? root.$defs : {}), ...$defs } };
}

function declared(published: Json, features: Json): Json {
  const { description } = published;
  return { description, anyOf: [features, { type: 'null' }] };
}

function mapValues(values: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
