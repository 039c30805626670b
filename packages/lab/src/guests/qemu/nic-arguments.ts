import type { JsonObject } from '../../state/json.js';
import type { GuestDefinition } from '../guest-runtime.js';
import { isOn, propertyParts } from './property-parts.js';
import type { UserNetwork } from './user-network.js';

const MODELS: Readonly<Record<string, string>> = {
  virtio: 'virtio-net-pci',
  e1000: 'e1000',
  e1000e: 'e1000e',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
  ne2k_pci: 'ne2k_pci',
  pcnet: 'pcnet',
};

/** A NIC of a guest, as its config says. */
export interface Nic {
  readonly key: string;
  readonly model: string;
  readonly mac: string;
  readonly isLinkDown: boolean;
  readonly mtu: number | undefined;
}

/** The NICs of a configuration in order. `model=…,macaddr=…` and `virtio=MAC` mean the same. */
export function nicsOf(config: Readonly<Record<string, string>>): readonly Nic[] {
  const keys = Object.keys(config).filter((key) => /^net\d+$/.test(key));
  keys.sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)));
  return keys.map((key) => {
    const parts = propertyParts(config[key], 'model');
    const model = Object.keys(MODELS).find((name) => parts[name] !== undefined) ?? parts.model ?? 'virtio';
    return {
      key,
      model,
      mac: parts[model] ?? parts.macaddr ?? '',
      isLinkDown: isOn(parts.link_down),
      mtu: parts.mtu === undefined || Number(parts.mtu) <= 1 ? undefined : Number(parts.mtu),
    };
  });
}

/** A user-mode network per NIC: guests reach the outside as the lab's own traffic does; they do not reach each other. */
export function nicArguments(
  guest: GuestDefinition,
  networks: ReadonlyMap<string, UserNetwork>,
  boot: ReadonlyMap<string, number>,
): string[] {
  const args: string[] = [];
  for (const nic of nicsOf(guest.config)) {
    const network = networks.get(nic.key);
    if (network === undefined) continue;
    args.push('-netdev', JSON.stringify(netdev(nic, network, guest.name)));
    args.push('-device', JSON.stringify(nicDevice(nic, boot.get(nic.key))));
  }
  return args;
}

/** The back end of a NIC. */
export function netdev(nic: Nic, network: UserNetwork, hostname: string): JsonObject {
  return {
    type: 'user',
    id: nic.key,
    net: network.net,
    host: network.host,
    dns: network.dns,
    dhcpstart: network.dhcpStart,
    hostname,
    ipv6: false,
  };
}

/** The device of a NIC. No boot ROM: it would cost a second per NIC at each start. */
export function nicDevice(nic: Nic, bootIndex?: number): JsonObject {
  return {
    driver: MODELS[nic.model] ?? 'virtio-net-pci',
    id: `dev-${nic.key}`,
    netdev: nic.key,
    mac: nic.mac.toLowerCase(),
    romfile: '',
    ...(nic.model === 'virtio' && nic.mtu !== undefined ? { host_mtu: nic.mtu } : {}),
    ...(bootIndex === undefined ? {} : { bootindex: bootIndex }),
  };
}
