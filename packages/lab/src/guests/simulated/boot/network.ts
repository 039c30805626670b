import { parse } from 'yaml';
import type { Address, Machine, NetworkInterface } from '../system/machine.js';

/** How one interface is to be configured, whichever version of the format said so. */
export interface InterfacePlan {
  readonly mac: string | undefined;
  readonly name: string | undefined;
  readonly dhcp4: boolean;
  readonly addresses: readonly string[];
  readonly gateway: string | undefined;
  readonly nameservers: readonly string[];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

const text = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : String(value);

/** Reads a network-config of cloud-init, version 1 or 2, or a netplan file. @throws when it is no YAML. */
export function readNetworkConfig(source: string): InterfacePlan[] {
  const root = record(parse(source));
  const config = record(root.network ?? root);
  return Number(config.version) === 1 ? readVersion1(config) : readVersion2(config);
}

function readVersion1(config: Record<string, unknown>): InterfacePlan[] {
  const entries = list(config.config).map(record);
  const servers = entries
    .filter((entry) => entry.type === 'nameserver')
    .flatMap((entry) => list(entry.address).map(String));
  return entries
    .filter((entry) => entry.type === 'physical')
    .map((entry) => {
      const subnets = list(entry.subnets).map(record);
      return {
        mac: text(entry.mac_address)?.toLowerCase(),
        name: text(entry.name),
        dhcp4: subnets.some((subnet) => subnet.type === 'dhcp' || subnet.type === 'dhcp4'),
        addresses: subnets.flatMap((subnet) => {
          const address = text(subnet.address);
          if (address === undefined) return [];
          return address.includes('/')
            ? [address]
            : [`${address}/${prefixOf(text(subnet.netmask) ?? '255.255.255.0')}`];
        }),
        gateway: subnets
          .map((subnet) => text(subnet.gateway))
          .find((gateway) => gateway?.includes('.') === true),
        nameservers: [...subnets.flatMap((subnet) => list(subnet.dns_nameservers).map(String)), ...servers],
      };
    });
}

function prefixOf(netmask: string): number {
  if (/^\d+$/.test(netmask)) return Number(netmask);
  return netmask
    .split('.')
    .reduce((bits, octet) => bits + Number(octet).toString(2).replaceAll('0', '').length, 0);
}

function readVersion2(config: Record<string, unknown>): InterfacePlan[] {
  return Object.entries(record(config.ethernets)).map(([key, value]) => {
    const entry = record(value);
    const match = record(entry.match);
    const routes = list(entry.routes).map(record);
    const toDefault = routes.find((route) => /^(default|0\.0\.0\.0\/0)$/.test(String(route.to)));
    return {
      mac: text(match.macaddress)?.toLowerCase(),
      name: text(entry['set-name']) ?? (match.macaddress === undefined ? key : undefined),
      dhcp4: entry.dhcp4 === true || entry.dhcp4 === 'yes',
      addresses: list(entry.addresses).map((address) =>
        typeof address === 'string' ? address : (Object.keys(record(address))[0] ?? ''),
      ),
      gateway: text(entry.gateway4) ?? text(toDefault?.via),
      nameservers: list(record(entry.nameservers).addresses).map(String),
    };
  });
}

/** The link-local address that the kernel derives from a MAC. */
export function linkLocal(mac: string): string {
  const octets = mac.split(':').map((octet) => Number.parseInt(octet, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets;
  const group = (high: number, low: number) => ((high << 8) | low).toString(16);
  return `fe80::${group(a ^ 2, b)}:${group(c, 0xff)}:${group(0xfe, d)}:${group(e, f)}`.replace(
    /:0+(?=[0-9a-f])/g,
    ':',
  );
}

/** Makes the machine's interfaces from its hardware, unconfigured. */
export function createInterfaces(machine: Machine, nameOf: (index: number) => string): void {
  machine.interfaces.length = 0;
  for (const [index, mac] of machine.parts.hardware.nics().entries()) {
    machine.interfaces.push({ name: nameOf(index), mac, addresses: [], up: false });
  }
}

/** Configures the machine's interfaces. What a DHCP server would lease depends on `leased`. */
export function applyNetwork(
  machine: Machine,
  plans: readonly InterfacePlan[],
  leased: (index: number) => Address,
): void {
  for (const [index, nic] of machine.interfaces.entries()) {
    const plan = plans.find((candidate) =>
      candidate.mac === undefined ? matchesName(candidate.name, nic) : candidate.mac === nic.mac,
    );
    if (plan === undefined) continue;
    nic.up = true;
    if (plan.mac !== undefined && plan.name !== undefined) nic.name = plan.name;
    nic.addresses = [];
    if (plan.dhcp4) nic.addresses.push(leased(index));
    for (const address of plan.addresses) {
      const [ip = '', prefix = ''] = address.split('/');
      const family = ip.includes(':') ? 'ipv6' : 'ipv4';
      nic.addresses.push({ family, address: ip, prefix: Number(prefix || (family === 'ipv6' ? 64 : 24)) });
    }
    if (plan.gateway !== undefined) nic.gateway = plan.gateway;
    else if (plan.dhcp4) nic.gateway = '10.0.0.1';
    nic.addresses.push({ family: 'ipv6', address: linkLocal(nic.mac), prefix: 64 });
  }
}

function matchesName(pattern: string | undefined, nic: NetworkInterface): boolean {
  if (pattern === undefined) return true;
  return new RegExp(`^${pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(
    nic.name,
  );
}
