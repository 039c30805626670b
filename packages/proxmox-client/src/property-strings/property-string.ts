import { ProxmoxError } from '../errors/proxmox-error.js';

/** What one kind of property string knows beyond the common grammar. */
export interface PropertyShape {
  /** The key that a part without `=` is the value of. */
  readonly defaultKey?: string;
  /** Older or other names of keys. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Keys that name a choice and carry a second value: `virtio=AA:…` means `choice: virtio` and `value: AA:…`. */
  readonly combined?: {
    readonly choice: string;
    readonly value: string;
    readonly choices: readonly string[];
  };
  /** Keys whose values are `1|on|yes|true` or `0|off|no|false`. */
  readonly booleans?: readonly string[];
  /** Keys whose values are lists, with `;` between. The order of the entries counts. */
  readonly lists?: readonly string[];
  /** Keys whose values are sizes such as `32G`. */
  readonly sizes?: readonly string[];
  /** Keys whose letters may be in either case. */
  readonly caseless?: readonly string[];
  /** Keys that the server fills in or corrects: what is declared says nothing about them. */
  readonly serverOwned?: readonly string[];
  /** Values that hold when a key is absent. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** The properties of a property string by their own names, in the order of the text. */
export type Properties = Readonly<Record<string, string>>;

/**
 * Takes a property string apart. Source: pve-common JSONSchema.pm parse_property_string: parts between commas, of which none can
 * be escaped; `key=value`, or the value of the default key; empty parts are skipped.
 * @throws ProxmoxError PVE_PARAMETER for a bare value where no default key is known, an empty key, or a key given twice
 */
export function parsePropertyString(shape: PropertyShape, text: string): Properties {
  const properties: Record<string, string> = {};
  const add = (key: string, value: string): void => {
    if (Object.hasOwn(properties, key))
      throw malformed(`duplicate key in comma-separated list property: ${key}`, text);
    properties[key] = value;
  };
  for (const part of text.split(',')) {
    if (/^\s*$/.test(part)) continue;
    const [, written, value] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
    if (written === undefined || value === undefined) {
      const [key, second] = bareKey(shape, part);
      add(key, second);
      continue;
    }
    if (written === '' || value === '') throw malformed('missing key in comma-separated list property', text);
    if (shape.combined?.choices.includes(written)) {
      add(shape.combined.choice, written);
      add(shape.combined.value, value);
      continue;
    }
    add(shape.aliases?.[written] ?? written, value);
  }
  return properties;

  function bareKey({ defaultKey }: PropertyShape, value: string): [string, string] {
    if (defaultKey === undefined)
      throw malformed('value without key, but schema does not define a default key', text);
    return [defaultKey, value];
  }
}

/**
 * Prints properties as PVE reads them: the default key's value first and bare, the others in their order.
 * @throws ProxmoxError PVE_PARAMETER for a value that the grammar cannot carry: one with a comma, or an empty one
 */
export function printPropertyString(
  shape: PropertyShape,
  properties: Readonly<Record<string, string | undefined>>,
): string {
  const parts: string[] = [];
  const { defaultKey, combined } = shape;
  const joined =
    combined && properties[combined.choice] !== undefined && properties[combined.value] !== undefined;
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (value === '' || value.includes(',') || /[=,]/.test(key)) {
      throw malformed(`expected a value without commas for ${key}, got "${value}"`, value);
    }
    if (joined && key === combined.choice) parts.unshift(`${value}=${properties[combined.value]}`);
    else if (joined && key === combined.value) continue;
    else if (key === defaultKey && !value.includes('=')) parts.unshift(value);
    else if (key === defaultKey) parts.unshift(`${key}=${value}`);
    else parts.push(`${key}=${value}`);
  }
  return parts.join(',');
}

/**
 * Whether two property strings mean the same: order, spelling of booleans and sizes, letter case of addresses and default values do
 * not count. With `declared` on the left, keys of the server that it does not mention do not count either.
 */
export function equalProperties(shape: PropertyShape, declared: Properties, actual: Properties): boolean {
  const keys = new Set([...Object.keys(declared), ...Object.keys(actual)]);
  return [...keys].every((key) => {
    const wanted = declared[key] ?? shape.defaults?.[key];
    const found = actual[key] ?? shape.defaults?.[key];
    if (declared[key] === undefined && shape.serverOwned?.includes(key)) return true;
    if (wanted === undefined || found === undefined) return wanted === found;
    return comparable(shape, key, wanted) === comparable(shape, key, found);
  });
}

function comparable(shape: PropertyShape, key: string, value: string): string {
  if (shape.booleans?.includes(key)) return readBoolean(value) ?? value;
  if (shape.sizes?.includes(key)) return String(parseSize(value) ?? value);
  if (shape.lists?.includes(key)) return value.split(';').filter(Boolean).join(';');
  return shape.caseless?.includes(key) ? value.toUpperCase() : value;
}

function readBoolean(value: string): string | undefined {
  if (/^(?:1|on|yes|true)$/i.test(value)) return '1';
  return /^(?:0|off|no|false)$/i.test(value) ? '0' : undefined;
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes of a size such as `32G`, `4M` or `1.5GiB`; without a unit it is bytes already. Source: pve-common JSONSchema.pm parse_size. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:iB)?)?$/.exec(text) ?? [];
  return number === undefined
    ? undefined
    : Math.ceil(Number(number) * (unit === undefined ? 1 : (UNITS[unit] ?? 1)));
}

/** Prints bytes with the largest unit that leaves a whole number, as PVE does. */
export function printSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K'] as const) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

function malformed(problem: string, text: string): ProxmoxError {
  return new ProxmoxError('PVE_PARAMETER', `${problem} (in "${text}")`, {
    hint: 'Property strings are parts of the form key=value with commas between; a comma cannot be escaped.',
  });
}
