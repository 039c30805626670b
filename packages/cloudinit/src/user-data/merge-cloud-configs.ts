import { CloudinitError } from '../cloudinit-error.js';
import type { CloudConfigPart, JsonObject, JsonValue } from '../seed.js';

/**
 * Joins cloud-configs in their order: objects key by key, arrays one behind the other without repeats, equal values
 * once. Two different values for one key are an error that names both sources.
 *
 * @throws CloudinitError `CLOUDINIT_CONFLICT`
 */
export function mergeCloudConfigs(parts: readonly CloudConfigPart[]): JsonObject {
  const owners = new Map<string, string>();
  let merged: JsonObject = {};
  for (const part of parts) {
    merged = mergeObjects(merged, part.config, [], part.source, owners);
  }
  return merged;
}

function mergeObjects(
  below: JsonObject,
  above: JsonObject,
  path: readonly string[],
  source: string,
  owners: Map<string, string>,
): JsonObject {
  const result = new Map<string, JsonValue>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const here = [...path, key];
    const earlier = result.get(key);
    // A key without a value, such as a list whose items are all comments, says nothing.
    if (value === null && earlier !== undefined) continue;
    if (earlier === undefined || earlier === null) {
      result.set(key, value);
      claim(here, value, source, owners);
    } else if (isArray(earlier) && isArray(value)) {
      const known = new Set(earlier.map((item) => JSON.stringify(item)));
      result.set(key, [...earlier, ...value.filter((item) => !known.has(JSON.stringify(item)))]);
    } else if (isObject(earlier) && isObject(value)) {
      result.set(key, mergeObjects(earlier, value, here, source, owners));
    } else if (JSON.stringify(earlier) !== JSON.stringify(value)) {
      const name = here.join('.');
      throw new CloudinitError({
        code: 'CLOUDINIT_CONFLICT',
        message: `The ${owners.get(name) ?? 'template'} sets ${name} to ${show(earlier)}, the ${source} to ${show(value)}.`,
        hint: 'Keep one of the two.',
      });
    }
  }
  return Object.fromEntries(result);
}

function claim(path: readonly string[], value: JsonValue, source: string, owners: Map<string, string>): void {
  owners.set(path.join('.'), source);
  if (!isObject(value)) return;
  for (const [key, entry] of Object.entries(value)) claim([...path, key], entry, source, owners);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: JsonValue): string {
  if (isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : JSON.stringify(value);
}
