import type { DeclaredMachine } from '../../config/model.js';
import { oncePer } from '../../config/once-per.js';
import type { WireValue } from '../../observe/inventory.js';
import type { Marker } from '../../observe/marker.js';
import {
  type DesiredKey,
  desiredFlag,
  desiredPlain,
  desiredStartup,
  desiredTags,
  uniqueDesired,
} from '../desired-key.js';
import { readProperties } from '../property-string.js';
import { desiredNetDevice, sameNetDevice } from './machine-net.js';

const truthy = (text: string | undefined) => /^(1|on|yes|true)$/i.test(text ?? '');

const agent: DesiredKey = {
  key: 'agent',
  label: 'agent',
  value: 'enabled=1',
  same: (text) => {
    const properties = readProperties(String(text));
    return truthy(properties.get('') ?? properties.get('enabled'));
  },
};

/** The keys whose values follow from the declaration alone. */
const listPlainKeys = oncePer((declared: DeclaredMachine) => [
  // A machine may have no name.
  desiredPlain('name', 'name', declared.name, `vm-${declared.vmid}`),
  desiredPlain('cores', 'cores', declared.cores, 1),
  desiredPlain('sockets', 'sockets', declared.sockets, 1),
  desiredMemory(declared),
  desiredPlain('cpu', 'cpu_type', declared.cpuType),
  desiredPlain('bios', 'bios', declared.bios, 'seabios'),
  desiredPlain('machine', 'machine', declared.machineType),
  desiredPlain('onboot', 'start_at_boot', desiredFlag(declared.startAtBoot), 0),
  desiredPlain('protection', 'protection', desiredFlag(declared.protection), 0),
]);

/**
 * Every key of the machine's configuration that is declared. What is not declared is left as Proxmox VE or the clone source has it.
 * `live` is the configuration as it will be after the next cold start, empty for a machine that does not exist.
 */
export function listDesiredKeys(
  declared: DeclaredMachine,
  live: Readonly<Record<string, WireValue>>,
  marker: Marker | undefined,
): readonly DesiredKey[] {
  const keys = [
    ...listPlainKeys(declared),
    desiredStartup(declared, live.startup, marker),
    desiredTags(declared, live.tags, marker),
    agent,
  ];
  for (const network of declared.networks) {
    const key = `net${network.index}`;
    const current = live[key];
    const value = desiredNetDevice(network, current === undefined ? undefined : String(current));
    const remembered = () => desiredNetDevice(network, undefined);
    keys.push({ key, label: key, value, remembered, same: (text) => sameNetDevice(String(text), value) });
  }
  return uniqueDesired(declared, keys);
}

function desiredMemory({ memoryMib }: DeclaredMachine): DesiredKey | undefined {
  if (memoryMib === undefined) return undefined;
  const value = String(memoryMib);
  return {
    key: 'memory',
    label: 'memory_mb',
    value,
    same: (text) => {
      const properties = readProperties(String(text));
      return (properties.get('') ?? properties.get('current')) === value;
    },
  };
}
