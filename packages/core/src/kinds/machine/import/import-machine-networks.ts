import type { JsonObject } from '../../../config/model.js';
import { Ipv4Setting, Ipv6Setting, MacAddress } from '../../../config/schema/primitives.js';
import { type ImportedInterface, importNetworks } from '../../import/import-networks.js';
import type { ImportedDraft } from '../../import/imported-guest.js';
import { readProperties } from '../../property-string.js';
import { readNetDevice } from '../machine-net.js';

const models = new Set(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']);
const words = (value: unknown) =>
  String(value ?? '')
    .split(/[\s,;]+/)
    .filter((word) => word !== '');

/** Addresses that Proxmox VE's own cloud-init gives an interface. */
function importAddresses(draft: ImportedDraft, index: number): JsonObject {
  const key = `ipconfig${index}`;
  const live = draft.take(key);
  if (live === undefined) return {};
  const addresses: Record<string, string> = {};
  for (const [part, value] of readProperties(String(live))) {
    const schema = part === 'ip' ? Ipv4Setting : part === 'ip6' ? Ipv6Setting : undefined;
    if (part === 'gw' || part === 'gw6' || schema?.safeParse(value).success === true) addresses[part] = value;
    else draft.keep(`${key} ${part}=${value}`);
  }
  return addresses;
}

function readInterface(draft: ImportedDraft, text: string, index: number): ImportedInterface | undefined {
  const { model, mac, rest } = readNetDevice(text);
  if (!models.has(model) || (mac !== undefined && !MacAddress.safeParse(mac).success)) return undefined;
  const declaration: Record<string, string | number | boolean> = {};
  const further: string[] = [];
  if (model !== 'virtio') declaration.model = model;
  if (mac !== undefined) declaration.mac = mac.toLowerCase();
  for (const [key, value] of rest) {
    if (key === 'bridge') declaration.bridge = value;
    else if (key === 'tag') declaration.vlan = Number(value);
    else if (key === 'mtu' && Number(value) >= 576) declaration.mtu = Number(value);
    else if (key === 'firewall') declaration.firewall = value === '1';
    else further.push(`${key}=${value}`);
  }
  return { declaration: { ...declaration, ...importAddresses(draft, index) }, further };
}

/** Network devices, with the addresses, name servers and search domains of Proxmox VE's own cloud-init. */
export function importMachineNetworks(draft: ImportedDraft): void {
  const networks = importNetworks(draft, (text, index) => readInterface(draft, text, index));
  const servers = words(draft.take('nameserver'));
  const domains = words(draft.take('searchdomain'));
  const [first, ...others] = networks;
  if (first === undefined) {
    if (servers.length + domains.length > 0) draft.keep('name servers of its cloud-init');
    return;
  }
  draft.set('network_config', [
    {
      ...first,
      ...(servers.length === 0 ? {} : { nameserver: servers }),
      ...(domains.length === 0 ? {} : { searchdomain: domains }),
    },
    ...others,
  ]);
}
