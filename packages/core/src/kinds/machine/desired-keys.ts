import type { DeclaredMachine } from '../../config/model.js';
import type { WireValue } from '../../observe/inventory.js';
import type { Marker } from '../../observe/marker.js';
import { readProperties, sameProperties } from '../property-string.js';
import { desiredNetDevice, sameNetDevice } from './machine-net.js';

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
}

const sameText = (wanted: WireValue) => (live: WireValue) => String(live) === String(wanted);
const truthy = (text: string | undefined) => /^(1|on|yes|true)$/i.test(text ?? '');

function plain(
  key: string,
  label: string,
  value: WireValue | undefined,
  absentValue?: WireValue,
): readonly DesiredKey[] {
  if (value === undefined) return [];
  const desired = { key, label, value, same: sameText(value) };
  return [absentValue === undefined ? desired : { ...desired, absentValue }];
}

const flag = (value: boolean | undefined) => (value === undefined ? undefined : value ? 1 : 0);

/** Tags as a sorted list without repetition; Proxmox VE lower-cases and sorts them. */
export function splitTags(value: WireValue | undefined): readonly string[] {
  const tags = String(value ?? '')
    .split(/[;,\s]+/)
    .filter((tag) => tag !== '');
  return [...new Set(tags.map((tag) => tag.toLowerCase()))].sort();
}

function desiredTags(
  declared: DeclaredMachine,
  live: WireValue | undefined,
  applied: WireValue | undefined,
): DesiredKey {
  // Other people's tags stay; tags that were declared and are no longer go.
  const wanted = splitTags([phoenixTag, ...declared.tags].join(';'));
  const dropped = new Set(splitTags(applied).filter((tag) => !wanted.includes(tag)));
  const foreign = splitTags(live).filter((tag) => !dropped.has(tag));
  const value = splitTags([...wanted, ...foreign].join(';')).join(';');
  return { key: 'tags', label: 'tags', value, same: (text) => splitTags(text).join(';') === value };
}

function startup(declared: DeclaredMachine): string | undefined {
  const parts = [
    declared.bootOrder === undefined ? '' : `order=${declared.bootOrder}`,
    declared.bootDelaySeconds === undefined ? '' : `up=${declared.bootDelaySeconds}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(',');
}

/**
 * Every key of the machine's configuration that is declared. What is not declared is left as Proxmox VE or the clone source has it.
 * `live` is the configuration as it will be after the next cold start, empty for a machine that does not exist.
 */
export function listDesiredKeys(
  declared: DeclaredMachine,
  live: Readonly<Record<string, WireValue>>,
  marker: Marker | undefined,
): readonly DesiredKey[] {
  const start = startup(declared);
  const raw = new Set(declared.pveOptions.map((option) => option.key));
  const keys: DesiredKey[] = [
    ...plain('name', 'name', declared.name),
    ...plain('cores', 'cores', declared.cores, 1),
    ...plain('sockets', 'sockets', declared.sockets, 1),
    ...(declared.memoryMib === undefined
      ? []
      : [
          {
            key: 'memory',
            label: 'memory_mb',
            value: String(declared.memoryMib),
            same: (text: WireValue) => {
              const properties = readProperties(String(text));
              return (properties.get('') ?? properties.get('current')) === String(declared.memoryMib);
            },
          },
        ]),
    ...plain('cpu', 'cpu_type', declared.cpuType),
    ...plain('bios', 'bios', declared.bios, 'seabios'),
    ...plain('machine', 'machine', declared.machineType),
    ...plain('onboot', 'start_at_boot', flag(declared.startAtBoot), 0),
    ...plain('protection', 'protection', flag(declared.protection), 0),
    ...(start === undefined
      ? []
      : [
          {
            key: 'startup',
            label: 'boot_order',
            value: start,
            same: (text: WireValue) => sameProperties(String(text), start),
          },
        ]),
    desiredTags(declared, live.tags, marker?.applied.tags),
    {
      key: 'agent',
      label: 'agent',
      value: 'enabled=1',
      same: (text) => {
        const properties = readProperties(String(text));
        return truthy(properties.get('') ?? properties.get('enabled'));
      },
    },
  ];
  for (const network of declared.networks) {
    const key = `net${network.index}`;
    const current = live[key];
    const value = desiredNetDevice(network, current === undefined ? undefined : String(current));
    keys.push({ key, label: key, value, same: (text) => sameNetDevice(String(text), value) });
  }
  for (const option of declared.pveOptions) {
    const value = typeof option.value === 'boolean' ? (option.value ? 1 : 0) : option.value;
    keys.push({
      key: option.key,
      label: option.key,
      value,
      same: (text) => sameProperties(String(text), String(value)),
    });
  }
  // The escape hatch wins over what Phoenix would set by itself.
  const last = new Map<string, DesiredKey>();
  for (const desired of keys)
    if (!raw.has(desired.key) || desired.label === desired.key || !last.has(desired.key))
      last.set(desired.key, desired);
  return [...last.values()];
}
