import type { DeclaredGuest } from '../config/model.js';
import type { WireValue } from '../observe/inventory.js';
import { sameProperties } from './property-string.js';

/** The tag that shows people and filters that Phoenix takes care of a guest. Ownership is decided by the marker. */
export const phoenixTag = 'phoenix';

/** A key of Proxmox VE that the declaration asks for, with the way to compare it. */
export interface DesiredKey {
  /** Proxmox VE's name. */
  readonly key: string;
  /** The name in the configuration file. */
  readonly label: string;
  readonly value: WireValue;
  /** Whether a live value says the same; never called for a key that is not set, which always differs unless `absentValue` matches. */
  readonly same: (live: WireValue) => boolean;
  /** What a key that is not set amounts to. */
  readonly absentValue?: WireValue;
  /** What the marker remembers where `value` holds more than the declaration, such as the MAC address that the guest was given. */
  readonly remembered?: () => WireValue;
}

/** A key that is compared as text; undefined when it is not declared. */
export function desiredPlain(
  key: string,
  label: string,
  value: WireValue | undefined,
  absentValue?: WireValue,
): DesiredKey | undefined {
  if (value === undefined) return undefined;
  const same = (live: WireValue) => String(live) === String(value);
  return absentValue === undefined ? { key, label, value, same } : { key, label, value, same, absentValue };
}

/** A boolean as Proxmox VE takes it. */
export function desiredFlag(value: boolean | undefined): 0 | 1 | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}

/** Tags as a sorted list without repetition; Proxmox VE lower-cases and sorts them. */
export function splitTags(value: WireValue | undefined): readonly string[] {
  if (value === undefined) return [];
  const tags = String(value)
    .split(/[;,\s]+/)
    .filter((tag) => tag !== '');
  return [...new Set(tags.map((tag) => tag.toLowerCase()))].sort();
}

/** The declared tags beside those of other people, which stay; tags that were declared and are no longer go. */
export function desiredTags(
  declared: DeclaredGuest,
  live: WireValue | undefined,
  applied: WireValue | undefined,
): DesiredKey {
  const wanted = splitTags([phoenixTag, ...declared.tags].join(';'));
  const own = wanted.join(';');
  const desired = (value: string): DesiredKey => ({
    key: 'tags',
    label: 'tags',
    value,
    same: (text) => splitTags(text).join(';') === value,
  });
  if (live === own) return desired(own);
  const dropped = splitTags(applied).filter((tag) => !wanted.includes(tag));
  const foreign = splitTags(live).filter((tag) => !dropped.includes(tag) && !wanted.includes(tag));
  return desired([...wanted, ...foreign].sort().join(';'));
}

/** `startup` of the declared boot order and delay; undefined when neither is declared. */
export function desiredStartup(declared: DeclaredGuest): DesiredKey | undefined {
  if (declared.bootOrder === undefined && declared.bootDelaySeconds === undefined) return undefined;
  const parts = [
    declared.bootOrder === undefined ? '' : `order=${declared.bootOrder}`,
    declared.bootDelaySeconds === undefined ? '' : `up=${declared.bootDelaySeconds}`,
  ].filter((part) => part !== '');
  const value = parts.join(',');
  return {
    key: 'startup',
    label: 'boot_order',
    value,
    same: (text) => sameProperties(String(text), value),
  };
}

/** The raw options of the declaration. */
function desiredOptions(declared: DeclaredGuest): readonly DesiredKey[] {
  return declared.pveOptions.map((option) => {
    const value = typeof option.value === 'boolean' ? (option.value ? 1 : 0) : option.value;
    return {
      key: option.key,
      label: option.key,
      value,
      same: (text) => sameProperties(String(text), String(value)),
    };
  });
}

/** The keys that are declared, and the raw options: one desired value for each, the escape hatch winning over what Phoenix would set by itself. */
export function uniqueDesired(
  declared: DeclaredGuest,
  own: readonly (DesiredKey | undefined)[],
): readonly DesiredKey[] {
  const keys = own.filter((desired) => desired !== undefined);
  if (declared.pveOptions.length === 0) return keys;
  const raw = new Set(declared.pveOptions.map((option) => option.key));
  const last = new Map<string, DesiredKey>();
  for (const desired of [...keys, ...desiredOptions(declared)])
    if (!raw.has(desired.key) || desired.label === desired.key || !last.has(desired.key))
      last.set(desired.key, desired);
  return [...last.values()];
}
