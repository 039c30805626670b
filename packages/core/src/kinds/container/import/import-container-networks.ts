import { Ipv4Setting, Ipv6Setting, MacAddress } from '../../../config/schema/primitives.js';
import { type ImportedInterface, importNetworks } from '../../import/import-networks.js';
import type { ImportedDraft } from '../../import/imported-guest.js';
import { readProperties } from '../../property-string.js';

/** Nothing for an interface that has no address, or one that is managed by hand: `network_config` would give it one. */
function readInterface(text: string): ImportedInterface | undefined {
  const properties = readProperties(text);
  const mac = properties.get('hwaddr');
  if (mac !== undefined && !MacAddress.safeParse(mac).success) return undefined;
  const declaration: Record<string, string | number | boolean> = {};
  const further: string[] = [];
  for (const [key, value] of properties) {
    if (key === 'name' || key === 'bridge' || key === 'gw' || key === 'gw6') declaration[key] = value;
    else if (key === 'hwaddr') declaration.mac = value.toLowerCase();
    else if (key === 'ip' && Ipv4Setting.safeParse(value).success) declaration.ip = value;
    else if (key === 'ip6' && Ipv6Setting.safeParse(value).success) declaration.ip6 = value;
    else if (key === 'ip' || key === 'ip6') return undefined;
    else if (key === 'tag') declaration.vlan = Number(value);
    else if (key === 'mtu') declaration.mtu = Number(value);
    else if (key === 'firewall') declaration.firewall = value === '1';
    else if (key !== 'type') further.push(`${key}=${value}`);
  }
  const lostGateway =
    (declaration.gw !== undefined && !String(declaration.ip ?? '').includes('/')) ||
    (declaration.gw6 !== undefined && !String(declaration.ip6 ?? '').includes('/'));
  if ((declaration.ip === undefined && declaration.ip6 === undefined) || lostGateway) return undefined;
  return { declaration, further };
}

/** Interfaces, name servers and search domains. What cannot be said exactly is handed on as it is. */
export function importContainerNetworks(draft: ImportedDraft): void {
  const networks = importNetworks(draft, readInterface);
  const [first, ...others] = networks;
  const lists: Record<string, string[]> = {};
  for (const key of ['nameserver', 'searchdomain']) {
    const live = draft.take(key);
    if (live === undefined) continue;
    const words = String(live).split(' ');
    const exact = words.every((word) => /^[^\s,;]+$/.test(word)) && new Set(words).size === words.length;
    if (first !== undefined && exact) lists[key] = words;
    else draft.option(key, live);
  }
  if (first !== undefined) draft.set('network_config', [{ ...first, ...lists }, ...others]);
}
