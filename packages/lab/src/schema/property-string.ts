import type { Definition, Definitions } from './definition.js';
import { FormatError } from './format-error.js';
import { type VerificationOptions, verifyObject } from './verify-parameters.js';

/** The parts of a property string by key, aliases resolved, booleans as `0` and `1`. */
export type PropertyValues = Record<string, string>;

/**
 * Takes a property string apart (`virtio=AA:…,bridge=vmbr0`) and verifies it (pve-common, PVE/JSONSchema.pm parse_property_string).
 * @throws FormatError with PVE's text; the texts of several keys follow `format error`, line by line.
 */
export function parsePropertyString(
  format: Definitions,
  text: string,
  path: string,
  options: VerificationOptions,
): PropertyValues {
  const values = splitPropertyString(format, text);
  const errors = Object.entries(verifyObject(format, values, { ...options, path }));
  if (errors.length > 0) {
    throw new FormatError(`format error\n${errors.map(([key, message]) => `${key}: ${message}\n`).join('')}`);
  }
  return values;
}

/** As `parsePropertyString` without verification of the values. */
export function splitPropertyString(format: Definitions, text: string): PropertyValues {
  const values: PropertyValues = {};
  const defaultKey = Object.keys(format).find((key) => format[key]?.default_key !== undefined);
  let defaulted = false;
  for (const part of text.split(',')) {
    if (/^\s*$/.test(part)) continue;
    const at = part.indexOf('=');
    if (at > 0 && at < part.length - 1) {
      const given = part.slice(0, at);
      if (values[given] !== undefined)
        throw new FormatError(`duplicate key in comma-separated list property: ${given}\n`);
      let key = given;
      let definition: Definition | undefined = format[key];
      if (definition?.alias !== undefined) {
        if (definition.keyAlias !== undefined) {
          if (values[definition.keyAlias] !== undefined) {
            throw new FormatError(`key alias '${definition.keyAlias}' is already defined\n`);
          }
          values[definition.keyAlias] = key;
        }
        key = definition.alias;
        definition = format[key];
      }
      const value = part.slice(at + 1);
      values[key] = definition?.type === 'boolean' ? parseBoolean(value) : value;
    } else if (at < 0) {
      if (defaultKey === undefined)
        throw new FormatError('value without key, but schema does not define a default key\n');
      if (defaulted || values[defaultKey] !== undefined) {
        throw new FormatError(`duplicate key in comma-separated list property: ${defaultKey}\n`);
      }
      defaulted = true;
      values[defaultKey] = format[defaultKey]?.type === 'boolean' ? parseBoolean(part) : part;
    } else {
      throw new FormatError('missing key in comma-separated list property\n');
    }
  }
  return values;
}

/**
 * Prints values as PVE does: the default key's value first and bare, then the keys that are required, then the others, each group sorted
 * (PVE/JSONSchema.pm print_property_string). `skip` leaves keys out.
 */
export function printPropertyString(
  format: Definitions,
  values: Readonly<Record<string, string>>,
  skip: readonly string[] = [],
): string {
  const parts: string[] = [];
  const done = new Set(skip);
  const keyAlias = Object.values(format).find((definition) => definition.keyAlias !== undefined);
  if (keyAlias?.keyAlias !== undefined && keyAlias.alias !== undefined) {
    const model = values[keyAlias.keyAlias];
    const value = values[keyAlias.alias];
    if (model !== undefined && value !== undefined && !done.has(keyAlias.keyAlias)) {
      parts.push(`${model}=${value}`);
      done.add(keyAlias.keyAlias).add(keyAlias.alias);
    }
  }
  const add = (key: string, bare: boolean) => {
    const value = values[key];
    if (value === undefined || done.has(key)) return;
    done.add(key);
    parts.push(bare ? value : `${key}=${value}`);
  };
  for (const key of Object.keys(format)) if (format[key]?.default_key !== undefined) add(key, true);
  const names = Object.keys(values).sort();
  for (const key of names) if (format[key]?.optional !== 1) add(key, false);
  for (const key of names) add(key, false);
  return parts.join(',');
}

/** PVE's booleans within property strings: `1 on yes true` and `0 off no false`, in any case; anything else stays as it is. */
export function parseBoolean(text: string): string {
  if (/^(1|on|yes|true)$/i.test(text)) return '1';
  return /^(0|off|no|false)$/i.test(text) ? '0' : text;
}
