import { z } from 'zod';
import { ConfigFile } from './schema/config-file.js';

/** A JSON Schema as plain data. */
export type JsonSchemaNode = z.core.JSONSchema.JSONSchema;
type AnyNode = JsonSchemaNode | boolean;

/**
 * The JSON Schema (draft 2020-12) of a configuration file, generated from the schemas that read it. Equal on
 * every call. It is published with the package as `config.schema.json`; put its place under `$schema` and an
 * editor completes keys. Optional keys may be `null`, which means "as if not written, not even by a default".
 */
export function configJsonSchema(): JsonSchemaNode {
  return structuredClone(sharedSchema());
}

let shared: JsonSchemaNode | undefined;

/** Made once, when it is first needed: making it takes many milliseconds. */
function sharedSchema(): JsonSchemaNode {
  shared ??= allowNull(z.toJSONSchema(ConfigFile, { io: 'input' }));
  return shared;
}

function allowNull(schema: JsonSchemaNode): JsonSchemaNode {
  const result: JsonSchemaNode = { ...schema };
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, value]) => {
        if (typeof value === 'boolean') return [key, value];
        const inner = allowNull(value);
        return [key, schema.required?.includes(key) === true ? inner : nullable(inner)];
      }),
    );
  }
  if (typeof schema.items === 'object' && !Array.isArray(schema.items))
    result.items = allowNull(schema.items);
  if (schema.anyOf !== undefined) {
    result.anyOf = schema.anyOf.map((part) => (typeof part === 'boolean' ? part : allowNull(part)));
  }
  if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = allowNull(schema.additionalProperties);
  }
  return result;
}

function nullable(schema: JsonSchemaNode): JsonSchemaNode {
  const { description, examples, ...rest } = schema;
  const outer = {
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
  };
  const parts = rest.anyOf !== undefined && Object.keys(rest).length === 1 ? rest.anyOf : [rest];
  return { ...outer, anyOf: [...parts, { type: 'null' }] };
}

/** The keys that are known at a path of a file; those of all alternatives, where there are several. */
export function knownKeysAt(path: readonly (string | number)[]): readonly string[] {
  let candidates: readonly JsonSchemaNode[] = alternatives(sharedSchema());
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => {
      const { items, properties, additionalProperties } = candidate;
      if (typeof step === 'number') return Array.isArray(items) ? [] : alternatives(items);
      return alternatives(properties?.[step] ?? additionalProperties);
    });
  }
  return [...new Set(candidates.flatMap((candidate) => Object.keys(candidate.properties ?? {})))];
}

function alternatives(schema: AnyNode | undefined): readonly JsonSchemaNode[] {
  if (schema === undefined || typeof schema === 'boolean') return [];
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(alternatives);
}
