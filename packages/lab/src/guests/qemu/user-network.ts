import { parse } from 'yaml';
import { readIsoFile } from '../../cloudinit-drive/read-iso.js';
import { propertyParts } from './property-parts.js';

/** QEMU's user-mode network of one NIC: a subnet with a gateway, a name server and a DHCP range of its own. */
export interface UserNetwork {
  /** `10.9.8.0/24`. */
  readonly net: string;
  /** The gateway's address. */
  readonly host: string;
  readonly dns: string;
  readonly dhcpStart: string;
}

/** A static address as somebody declared it. */
interface DeclaredAddress {
  readonly cidr: string;
  readonly gateway?: string;
  readonly nameservers: readonly string[];
}

const DEFAULT: UserNetwork = {
  net: '10.0.2.0/24',
  host: '10.0.2.2',
  dns: '10.0.2.3',
  dhcpStart: '10.0.2.15',
};

/**
 * The subnet that a NIC must stand in so that the guest's declared address works: taken from `ipconfigN`, or else from the network configuration on an
 * attached NoCloud medium (by MAC, or by position). Without a static IPv4 address it is QEMU's usual 10.0.2.0/24.
 *
 * @param seeds The bytes of the guest's CD-ROM media.
 */
export function userNetworkOf(
  config: Readonly<Record<string, string>>,
  index: number,
  mac: string,
  seeds: readonly Uint8Array[],
): UserNetwork {
  const declared =
    declaredByConfig(config, index) ?? firstDefined(seeds, (seed) => declaredBySeed(seed, index, mac));
  return declared === undefined ? DEFAULT : networkAround(declared);
}

function declaredByConfig(
  config: Readonly<Record<string, string>>,
  index: number,
): DeclaredAddress | undefined {
  const ip = propertyParts(config[`ipconfig${index}`], 'ip');
  if (ip.ip === undefined || !ip.ip.includes('/')) return undefined;
  return {
    cidr: ip.ip,
    nameservers: config.nameserver?.split(/[\s,;]+/) ?? [],
    ...(ip.gw === undefined ? {} : { gateway: ip.gw }),
  };
}

function declaredBySeed(seed: Uint8Array, index: number, mac: string): DeclaredAddress | undefined {
  const text = readIsoFile(seed, 'network-config')?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const document = asRecord(parse(text));
    const network = asRecord(document.network ?? document);
    return network.version === 1
      ? declaredByVersion1(network, index, mac)
      : declaredByVersion2(network, index, mac);
  } catch {
    return undefined; // Not for us to judge: cloud-init will say what is wrong with it.
  }
}

function declaredByVersion2(
  network: Record<string, unknown>,
  index: number,
  mac: string,
): DeclaredAddress | undefined {
  const nics = Object.values(asRecord(network.ethernets)).map(asRecord);
  const nic =
    nics.find((each) => lower(asRecord(each.match).macaddress) === mac.toLowerCase()) ?? nics[index];
  const cidr = asList(nic?.addresses).map(String).find(isIpv4Cidr);
  if (nic === undefined || cidr === undefined) return undefined;
  const route = asList(nic.routes)
    .map(asRecord)
    .find((each) => each.to === 'default' || each.to === '0.0.0.0/0');
  const gateway = nic.gateway4 ?? route?.via;
  return {
    cidr,
    nameservers: asList(asRecord(nic.nameservers).addresses).map(String),
    ...(typeof gateway === 'string' ? { gateway } : {}),
  };
}

function declaredByVersion1(
  network: Record<string, unknown>,
  index: number,
  mac: string,
): DeclaredAddress | undefined {
  const entries = asList(network.config).map(asRecord);
  const nics = entries.filter((each) => each.type === 'physical');
  const nic = nics.find((each) => lower(each.mac_address) === mac.toLowerCase()) ?? nics[index];
  const subnet = asList(nic?.subnets)
    .map(asRecord)
    .find((each) => each.type === 'static' && typeof each.address === 'string');
  if (subnet === undefined) return undefined;
  const address = String(subnet.address);
  const cidr = address.includes('/')
    ? address
    : `${address}/${prefixOf(String(subnet.netmask ?? '255.255.255.0'))}`;
  const servers = entries
    .filter((each) => each.type === 'nameserver')
    .flatMap((each) => asList(each.address).map(String));
  return {
    cidr,
    nameservers: servers,
    ...(typeof subnet.gateway === 'string' ? { gateway: subnet.gateway } : {}),
  };
}

function networkAround(declared: DeclaredAddress): UserNetwork {
  const [address = '', prefixText = '24'] = declared.cidr.split('/');
  const prefix = Math.min(Number(prefixText), 29);
  const mask = (0xffffffff << (32 - prefix)) >>> 0;
  const base = (toNumber(address) & mask) >>> 0;
  const last = (base | ~mask) >>> 0;
  const isInside = (text: string | undefined): text is string =>
    text !== undefined &&
    isIpv4(text) &&
    (toNumber(text) & mask) >>> 0 === base &&
    toNumber(text) !== base &&
    toNumber(text) !== last;
  const taken = new Set([toNumber(address)]);
  const free = (preferred: string | undefined, from: number): string => {
    let number = isInside(preferred) && !taken.has(toNumber(preferred)) ? toNumber(preferred) : from;
    while (taken.has(number)) number = number + 1 >= last ? base + 1 : number + 1;
    taken.add(number);
    return toText(number);
  };
  const host = free(declared.gateway, base + 1);
  const dns = free(declared.nameservers.find(isInside), base + 3);
  const dhcpStart = free(undefined, prefix <= 26 ? base + 15 : base + 4);
  return { net: `${toText(base)}/${prefix}`, host, dns, dhcpStart };
}

function isIpv4(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text);
}

function isIpv4Cidr(text: string): boolean {
  return /^\d+(\.\d+){3}\/\d+$/.test(text);
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0) >>> 0;
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

function prefixOf(netmask: string): number {
  return toNumber(netmask).toString(2).replace(/0+$/, '').length;
}

function lower(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function firstDefined<T, R>(items: readonly T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
