import type { DeclaredGuest } from '../config/model.js';
import { oncePer } from '../config/once-per.js';
import type { WireValue } from '../observe/inventory.js';
import type { Marker } from '../observe/marker.js';
import { readProperties, sameProperties } from './property-string.js';

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

const listOwnTags = oncePer((declared: DeclaredGuest) => splitTags([phoenixTag, ...declared.tags].join(';')));

/**
 * The declared tags beside those of other people, which stay; tags that were declared and are no longer go. Where a guest is not claimed yet,
 * the tag of Phoenix alone is no difference: it comes with the claim.
 */
export function desiredTags(
  declared: DeclaredGuest,
  live: WireValue | undefined,
  marker: Marker | undefined,
): DesiredKey {
  const wanted = listOwnTags(declared);
  const own = wanted.join(';');
  const claim = marker === undefined ? `;${phoenixTag}` : '';
  const desired = (value: string): DesiredKey => ({
    key: 'tags',
    label: 'tags',
    value,
    same: (text) => splitTags(`${text}${claim}`).join(';') === value,
    ...(marker === undefined ? { absentValue: '' } : {}),
  });
  if (live === own) return desired(own);
  const dropped = splitTags(marker?.applied.tags).filter((tag) => !wanted.includes(tag));
  const foreign = splitTags(live).filter((tag) => !dropped.includes(tag) && !wanted.includes(tag));
  return desired([...wanted, ...foreign].sort().join(';'));
}

/**
 * `startup` of the declared boot order and delay; undefined when neither is declared. What was declared and is no longer goes; the time for
 * shutting down, which has no key, stays as it is.
 */
export function desiredStartup(
  declared: DeclaredGuest,
  live: WireValue | undefined,
  marker: Marker | undefined,
): DesiredKey | undefined {
  if (declared.bootOrder === undefined && declared.bootDelaySeconds === undefined) return undefined;
  const wanted = [
    ['order', declared.bootOrder],
    ['up', declared.bootDelaySeconds],
  ].flatMap(([key, value]) => (value === undefined ? [] : [[String(key), String(value)] as const]));
  const names = new Set(wanted.map(([key]) => key));
  const dropped = [...readStartup(marker?.applied.startup).keys()].filter((key) => !names.has(key));
  const kept = [...readStartup(live)].filter(([key]) => !dropped.includes(key));
  const print = (parts: ReadonlyMap<string, string>) =>
    [...parts].map(([key, value]) => `${key}=${value}`).join(',');
  return {
    key: 'startup',
    label: 'boot_order',
    value: print(new Map([...kept, ...wanted])),
    remembered: () => print(new Map(wanted)),
    same: (text) => {
      const parts = readStartup(text);
      return (
        wanted.every(([key, value]) => parts.get(key) === value) && !dropped.some((key) => parts.has(key))
      );
    },
  };
}

/** `startup` taken apart; the order may stand there without its name. */
export function readStartup(value: WireValue | undefined): ReadonlyMap<string, string> {
  return new Map(
    [...readProperties(String(value ?? ''))].map(([key, part]) => [key === '' ? 'order' : key, part]),
  );
}

/** What options amount to that are not set, where Phoenix would otherwise set them by itself. */
const absentOptions: Readonly<Record<string, WireValue>> = { agent: '0', cmode: 'tty' };

/** The raw options of the declaration. */
function desiredOptions(declared: DeclaredGuest): readonly DesiredKey[] {
  return declared.pveOptions.map((option) => {
    const value = typeof option.value === 'boolean' ? (option.value ? 1 : 0) : option.value;
    const absent = absentOptions[option.key];
    return {
      ...(absent === undefined ? {} : { absentValue: absent }),
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
