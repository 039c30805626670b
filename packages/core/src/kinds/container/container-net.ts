import type { DeclaredAddress, DeclaredNetwork } from '../../config/model.js';
import { readProperties, writeProperties } from '../property-string.js';

/** What Proxmox VE adds by itself and nobody declares. */
const serverOwned = new Set(['type']);

function address(wanted: DeclaredAddress | undefined, key: 'ip' | 'ip6', gateway: 'gw' | 'gw6') {
  if (wanted === undefined) return [];
  if (wanted.kind !== 'static') return [[key, wanted.kind] as const];
  const own: [string, string][] = [[key, wanted.address]];
  return wanted.gateway === undefined ? own : [...own, [gateway, wanted.gateway] as const];
}

/** The `netN` value that is declared, keeping what the live interface has beyond the declaration, its MAC address first of all. */
export function desiredInterface(network: DeclaredNetwork, live: string | undefined): string {
  const properties = new Map(readProperties(live ?? ''));
  const set = (key: string, value: string | undefined) => {
    if (value !== undefined) properties.set(key, value);
  };
  if (!properties.has('name') || network.name !== undefined)
    set('name', network.name ?? `eth${network.index}`);
  set('bridge', network.bridge);
  set('hwaddr', network.mac?.toUpperCase());
  set('firewall', network.firewall === undefined ? undefined : network.firewall ? '1' : '0');
  set('mtu', network.mtu?.toString());
  set('tag', network.vlan?.toString());
  for (const [declared, keys] of [
    [network.ipv4, ['ip', 'gw']],
    [network.ipv6, ['ip6', 'gw6']],
  ] as const) {
    if (declared !== undefined) for (const key of keys) properties.delete(key);
  }
  for (const [key, value] of address(network.ipv4, 'ip', 'gw')) properties.set(key, value);
  for (const [key, value] of address(network.ipv6, 'ip6', 'gw6')) properties.set(key, value);
  return writeProperties(properties);
}

/**
 * Whether two `netN` values describe the same interface. Order and the case of MAC addresses do not matter, one that only one side has is no
 * difference, and `firewall=0` is the default.
 */
export function sameInterface(left: string, right: string): boolean {
  const both = [left, right].every((text) => readProperties(text).has('hwaddr'));
  const print = (text: string) =>
    [...readProperties(text)]
      .filter(([key, value]) => !serverOwned.has(key) && !(key === 'firewall' && value === '0'))
      .filter(([key]) => key !== 'hwaddr' || both)
      .map(([key, value]) => `${key}=${key === 'hwaddr' ? value.toUpperCase() : value}`)
      .sort()
      .join(',');
  return print(left) === print(right);
}
