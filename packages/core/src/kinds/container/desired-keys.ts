import type { DeclaredContainer } from '../../config/model.js';
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
import { desiredInterface, sameInterface } from './container-net.js';

/**
 * Every key of the container's configuration that is declared. What is not declared is left as Proxmox VE or the clone source has it.
 * `cmode` is `shell` wherever something runs inside: the terminal of such a container is a root shell without a login.
 */
export function listDesiredKeys(
  declared: DeclaredContainer,
  live: Readonly<Record<string, WireValue>>,
  marker: Marker | undefined,
): readonly DesiredKey[] {
  const keys: (DesiredKey | undefined)[] = [
    desiredPlain('hostname', 'name', declared.name),
    desiredPlain('cores', 'cores', declared.cores),
    desiredPlain('memory', 'memory_mb', declared.memoryMib, 512),
    desiredPlain('swap', 'swap_mb', declared.swapMib, 512),
    desiredPlain('onboot', 'start_at_boot', desiredFlag(declared.startAtBoot), 0),
    desiredPlain('protection', 'protection', desiredFlag(declared.protection), 0),
    desiredStartup(declared, live.startup, marker),
    desiredTags(declared, live.tags, marker),
    desiredPlain('cmode', 'cmode', 'shell', 'tty'),
    desiredNesting(declared),
    ...desiredNameServers(declared),
  ];
  for (const network of declared.networks) {
    const key = `net${network.index}`;
    const current = live[key];
    const value = desiredInterface(network, current === undefined ? undefined : String(current));
    const remembered = () => desiredInterface(network, undefined);
    keys.push({ key, label: key, value, remembered, same: (text) => sameInterface(String(text), value) });
  }
  return uniqueDesired(declared, keys);
}

function desiredNesting(declared: DeclaredContainer): DesiredKey | undefined {
  if (declared.nesting === undefined) return undefined;
  const wanted = declared.nesting ? '1' : '0';
  return {
    key: 'features',
    label: 'nesting',
    value: `nesting=${wanted}`,
    same: (text) => (readProperties(String(text)).get('nesting') ?? '0') === wanted,
    absentValue: 'nesting=0',
  };
}

function desiredNameServers(declared: DeclaredContainer): readonly (DesiredKey | undefined)[] {
  const servers = [...new Set(declared.networks.flatMap((network) => network.nameservers))];
  const domains = [...new Set(declared.networks.flatMap((network) => network.searchDomains))];
  return [
    servers.length === 0 ? undefined : desiredPlain('nameserver', 'nameservers', servers.join(' ')),
    domains.length === 0 ? undefined : desiredPlain('searchdomain', 'searchdomain', domains.join(' ')),
  ];
}
