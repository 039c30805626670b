import { createHash } from 'node:crypto';
import type { ConfigSection } from '../../../state/guest-config.js';
import { parseNic } from '../config/net.js';
import { parseProperties } from '../config/property-string.js';

/** Which files a cloud-init drive holds. */
export type CloudInitFormat = 'nocloud' | 'configdrive2' | 'opennebula';

/** The resolver of the node, which guests without their own settings get. */
export interface NodeDns {
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
}

/** The format of a guest's cloud-init drive: as configured, else by its operating system. */
export function cloudInitFormat(config: ConfigSection): CloudInitFormat {
  const { citype, ostype } = config;
  if (citype === 'nocloud' || citype === 'configdrive2' || citype === 'opennebula') return citype;
  return /^(w|win)/.test(ostype ?? '') ? 'configdrive2' : 'nocloud';
}

function dnsOf(config: ConfigSection, dns: NodeDns): NodeDns {
  const list = (text: string | undefined) => (text ?? '').split(/[\s,;]+/).filter((part) => part !== '');
  return {
    nameservers: config.nameserver === undefined ? dns.nameservers : list(config.nameserver),
    searchDomains: config.searchdomain === undefined ? dns.searchDomains : list(config.searchdomain),
  };
}

/** Host name and full name: a name with dots is split, otherwise the search domain is appended (Cloudinit.pm, get_hostname_fqdn). */
function hostNames(config: ConfigSection, vmid: number): { hostname: string; fqdn: string } {
  const name = config.name ?? `VM${vmid}`;
  if (name.includes('.')) return { hostname: name.split('.')[0] ?? name, fqdn: name };
  return { hostname: name, fqdn: config.searchdomain === undefined ? name : `${name}.${config.searchdomain}` };
}

/** The user-data that PVE generates from a guest's options. No value is escaped, as PVE does not. */
export function userData(config: ConfigSection, vmid: number): string {
  const { hostname, fqdn } = hostNames(config, vmid);
  const lines = ['#cloud-config', `hostname: ${hostname}`, 'manage_etc_hosts: true', `fqdn: ${fqdn}`];
  const { ciuser, cipassword, sshkeys } = config;
  if (ciuser !== undefined) lines.push(`user: ${ciuser}`);
  if (ciuser === 'root') lines.push('disable_root: False');
  if (cipassword !== undefined) lines.push(`password: ${cipassword}`);
  const keys = decode(sshkeys ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (keys.length > 0) lines.push('ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`));
  lines.push('chpasswd:', '  expire: False');
  if (ciuser !== 'root') lines.push('users:', '  - default');
  if (config.ciupgrade !== '0') lines.push('package_upgrade: true');
  return `${lines.join('\n')}\n`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function netmask(bits: number): string {
  return [0, 8, 16, 24].map((shift) => String((2 ** 8 - 2 ** Math.max(0, Math.min(8, 8 - (bits - shift)))) & 0xff)).join('.');
}

/** The interfaces that are configured: index, MAC, ipconfig. An interface without `ipconfigN` is left out. */
function interfaces(config: ConfigSection): { index: string; mac: string; ip: Record<string, string> }[] {
  return Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()
    .flatMap((key) => {
      const index = key.slice(3);
      const ipconfig = config[`ipconfig${index}`];
      const nic = parseNic(config[key] ?? '');
      return ipconfig === undefined ? [] : [{ index, mac: (nic.macaddr ?? '').toLowerCase(), ip: parseProperties(ipconfig) }];
    });
}

/** The network-config of the NoCloud format (cloud-init's network version 1). */
export function noCloudNetwork(config: ConfigSection, nodeDns: NodeDns): string {
  const lines = ['version: 1', 'config:'];
  for (const { index, mac, ip } of interfaces(config)) {
    lines.push('    - type: physical', `      name: eth${index}`, `      mac_address: '${mac}'`, '      subnets:');
    if (ip.ip === 'dhcp') lines.push('      - type: dhcp4');
    else if (ip.ip !== undefined) {
      const [address = '', bits = '32'] = ip.ip.split('/');
      lines.push('      - type: static', `        address: '${address}'`, `        netmask: '${netmask(Number(bits))}'`);
      if (ip.gw !== undefined) lines.push(`        gateway: '${ip.gw}'`);
    }
    if (ip.ip6 === 'dhcp') lines.push('      - type: dhcp6');
    else if (ip.ip6 === 'auto') lines.push('      - type: ipv6_slaac');
    else if (ip.ip6 !== undefined) {
      lines.push('      - type: static6', `        address: '${ip.ip6}'`);
      if (ip.gw6 !== undefined) lines.push(`        gateway: '${ip.gw6}'`);
    }
  }
  const { nameservers, searchDomains } = dnsOf(config, nodeDns);
  if (nameservers.length + searchDomains.length > 0) {
    lines.push('    - type: nameserver');
    if (nameservers.length > 0) lines.push('      address:', ...nameservers.map((server) => `      - '${server}'`));
    if (searchDomains.length > 0) lines.push('      search:', ...searchDomains.map((domain) => `      - '${domain}'`));
  }
  return `${lines.join('\n')}\n`;
}

/** The network data of the config-drive format: an `/etc/network/interfaces`. */
export function configDriveNetwork(config: ConfigSection, nodeDns: NodeDns): string {
  const lines = ['auto lo', 'iface lo inet loopback', ''];
  const { nameservers, searchDomains } = dnsOf(config, nodeDns);
  for (const { index, ip } of interfaces(config)) {
    const name = `eth${index}`;
    lines.push(`auto ${name}`);
    if (ip.ip === 'dhcp') lines.push(`iface ${name} inet dhcp`);
    else if (ip.ip !== undefined) {
      const [address = '', bits = '32'] = ip.ip.split('/');
      lines.push(`iface ${name} inet static`, `        address ${address}`, `        netmask ${netmask(Number(bits))}`);
      if (ip.gw !== undefined) lines.push(`        gateway ${ip.gw}`);
    }
    if (ip.ip6 === 'auto' || ip.ip6 === 'dhcp') lines.push(`iface ${name} inet6 ${ip.ip6}`);
    else if (ip.ip6 !== undefined) {
      const [address = '', bits = '64'] = ip.ip6.split('/');
      lines.push(`iface ${name} inet6 static`, `        address ${address}`, `        netmask ${bits}`);
      if (ip.gw6 !== undefined) lines.push(`        gateway ${ip.gw6}`);
    }
  }
  if (nameservers.length > 0) lines.push(`        dns_nameservers ${nameservers.join(' ')}`);
  if (searchDomains.length > 0) lines.push(`        dns_search ${searchDomains.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** The network part in a guest's format. */
export function networkData(config: ConfigSection, nodeDns: NodeDns): string {
  return cloudInitFormat(config) === 'nocloud' ? noCloudNetwork(config, nodeDns) : configDriveNetwork(config, nodeDns);
}

/** The meta-data of both parts: its instance id is their digest, so any change of them looks like a new instance to cloud-init. */
export function metaData(config: ConfigSection, user: string, network: string): string {
  const id = createHash('sha1').update(user).update(network).digest('hex');
  if (cloudInitFormat(config) === 'nocloud') return `instance-id: ${id}\n`;
  return `{\n     "uuid": "${id}",\n     "network_config": { "content_path": "/content/0000" }\n}\n`;
}
