import type { LabRelease } from '../state/lab-state.js';
import type { Definition, Definitions } from './definition.js';
import { checkFormat, FormatError } from './formats.js';
import { perlPattern } from './perl-pattern.js';

/** A value as it comes out of a form, a query or a JSON body. */
export type RawValue = string | number | boolean | null | RawValue[] | { [key: string]: RawValue };

/** Texts by path (`net0`, `net0.model`), as `PVE::JSONSchema` collects them. */
export type VerificationErrors = Record<string, string>;

/** What a verification depends on besides the schema. */
export interface VerificationOptions {
  readonly release: LabRelease;
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/;

/** Verifies an object against definitions and yields the texts of everything wrong, in PVE's words (pve-common, PVE/JSONSchema.pm check_object). */
export function verifyObject(
  definitions: Definitions,
  values: Readonly<Record<string, RawValue>>,
  options: VerificationOptions & { readonly open?: boolean; readonly path?: string },
): VerificationErrors {
  const errors: VerificationErrors = {};
  checkObject(options.path ?? '', definitions, values, options.open === true, errors, options);
  return errors;
}

/** The definition that applies to a name: itself, or the indexed one (`net0` → `net[n]`). */
export function definitionOf(definitions: Definitions, name: string): Definition | undefined {
  const own = definitions[name];
  if (own !== undefined) return name.endsWith('[n]') ? undefined : own;
  const indexed = /^(.*?[a-z])(0|[1-9]\d*)$/.exec(name);
  if (indexed === null) return undefined;
  const [, base = '', index = ''] = indexed;
  const limit = INDEX_LIMITS[base];
  return limit !== undefined && Number(index) <= limit ? definitions[`${base}[n]`] : undefined;
}

/** The highest index of each numbered parameter. */
const INDEX_LIMITS: Readonly<Record<string, number>> = {
  net: 31,
  scsi: 30,
  virtio: 15,
  sata: 5,
  ide: 3,
  usb: 13,
  serial: 3,
  parallel: 2,
  hostpci: 15,
  numa: 7,
  ipconfig: 31,
  unused: 255,
  mp: 255,
  dev: 255,
  virtiofs: 9,
  link: 7,
  acmedomain: 4,
};

function checkObject(
  path: string,
  definitions: Definitions,
  values: Readonly<Record<string, RawValue>>,
  open: boolean,
  errors: VerificationErrors,
  options: VerificationOptions,
): void {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const [name, definition] of Object.entries(definitions)) {
    if (!name.endsWith('[n]')) checkValue(values[name], definition, at(name), errors, options);
  }
  for (const [name, value] of Object.entries(values)) {
    const definition = definitionOf(definitions, name);
    if (definition === undefined) {
      if (!open) {
        addError(
          errors,
          at(name),
          'property is not defined in schema and the schema does not allow additional properties',
        );
      }
      continue;
    }
    if (definitions[name] === undefined) checkValue(value, definition, at(name), errors, options);
    const { requires } = definition;
    if (requires !== undefined && values[requires] === undefined) {
      addError(
        errors,
        at(requires),
        options.release === '8.4'
          ? `missing property - '${at(name)}' requires this property`
          : `missing property required by '${at(name)}'`,
      );
    }
  }
}

function checkValue(
  value: RawValue | undefined,
  definition: Definition,
  path: string,
  errors: VerificationErrors,
  options: VerificationOptions,
): void {
  if (value === undefined || value === null) {
    if (definition.type === 'null') return;
    if (definition.optional !== 1 && definition.alias === undefined) {
      addError(errors, path, 'property is missing and it is not optional');
    }
    return;
  }
  if (!checkType(value, definition.type, path, errors)) return;
  if (Array.isArray(value)) {
    const { items } = definition;
    if (items !== undefined)
      for (const [index, item] of value.entries())
        checkValue(item, items, `${path}[${index}]`, errors, options);
    return;
  }
  if (typeof value === 'object') {
    if (definition.properties !== undefined)
      checkObject(path, definition.properties, value, true, errors, options);
    return;
  }
  const problem = scalarProblem(scalarText(value), definition, path, options);
  if (problem !== undefined) addError(errors, path, problem);
}

function scalarProblem(
  text: string,
  definition: Definition,
  path: string,
  options: VerificationOptions,
): string | undefined {
  const { format, pattern, maxLength, minLength, minimum, maximum } = definition;
  if (format !== undefined) {
    try {
      checkFormat(format, text, path, options);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return `invalid format - ${error.text}`;
    }
  }
  if (pattern !== undefined && !perlPattern(pattern).test(text)) {
    return 'value does not match the regex pattern';
  }
  const length = [...text].length;
  if (maxLength !== undefined && length > maxLength) {
    return `value may only be ${maxLength} characters long`;
  }
  if (minLength !== undefined && length < minLength) {
    return `value must be at least ${minLength} characters long`;
  }
  if (NUMBER.test(text)) {
    if (maximum !== undefined && Number(text) > maximum) {
      return `value must have a maximum value of ${maximum}`;
    }
    if (minimum !== undefined && Number(text) < minimum) {
      return `value must have a minimum value of ${minimum}`;
    }
  }
  if (definition.enum !== undefined && !definition.enum.some((allowed) => String(allowed) === text)) {
    return `value '${text}' does not have a value in the enumeration '${definition.enum.join(', ')}'`;
  }
  return undefined;
}

function checkType(
  value: Exclude<RawValue, null>,
  type: string | undefined,
  path: string,
  errors: VerificationErrors,
): boolean {
  if (type === undefined || type === 'any') return true;
  const fail = (got: string) => {
    addError(errors, path, `type check ('${type}') failed${got}`);
    return false;
  };
  if (type === 'null') return fail(' - value is not null');
  if (type === 'array') return Array.isArray(value) || fail('');
  if (type === 'object') return (typeof value === 'object' && !Array.isArray(value)) || fail('');
  if (typeof value === 'object') return fail(` - got ${Array.isArray(value) ? 'ARRAY' : 'HASH'}`);
  const text = scalarText(value);
  if (type === 'boolean') return /^[01]$/.test(text) || fail(` - got '${text}'`);
  if (type === 'integer') return INTEGER.test(text) || fail(` - got '${text}'`);
  if (type === 'number') return NUMBER.test(text) || fail(` - got '${text}'`);
  return true;
}

function scalarText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

/** A second error of the same parameter is joined by a literal backslash and n, as PVE does. */
function addError(errors: VerificationErrors, path: string, text: string): void {
  const key = path === '' ? '_root' : path;
  const earlier = errors[key];
  errors[key] = earlier === undefined ? text : `${earlier}\\n${text}`;
}
