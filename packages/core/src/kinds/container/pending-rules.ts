import type { WireValue } from '../../observe/inventory.js';

/** Keys that a running container takes up at once (pve-container LXC/Config.pm: fast plug and control groups). */
const live =
  /^(cores|cpulimit|cpuunits|description|hookscript|hostname|memory|onboot|protection|startup|swap|tags|net\d+)$/;

/**
 * When a change of one key takes effect on a running container, by Proxmox VE's rules. A prediction: after applying, `/pending` says what waits.
 * `wanted` absent means that the key is removed.
 */
export function predictEffect(
  key: string,
  config: Readonly<Record<string, WireValue>>,
  wanted: WireValue | undefined,
): 'now' | 'next-cold-start' {
  if (/^mp\d+$/.test(key))
    return config[key] === undefined && wanted !== undefined ? 'now' : 'next-cold-start';
  return live.test(key) ? 'now' : 'next-cold-start';
}
