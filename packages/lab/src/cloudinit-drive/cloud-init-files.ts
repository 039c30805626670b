import { createHash } from 'node:crypto';

/** The formats of PVE's cloud-init drive (`citype`) that the lab writes. */
export type CloudInitFormat = 'nocloud' | 'configdrive2';

/** The four texts of a cloud-init drive. */
export interface CloudInitFiles {
  readonly format: CloudInitFormat;
  readonly userData: string;
  readonly networkData: string;
  readonly metaData: string;
  readonly vendorData: string;
}

/** What the generated texts depend on. */
export interface CloudInitSource {
  readonly vmid: number;
  /** The guest's configuration values as stored (`sshkeys` URL-encoded). */
  readonly config: Readonly<Record<string, string>>;
  /** The node's resolv.conf, used where the guest names no servers of its own. */
  readonly hostDns: { readonly search?: string; readonly nameservers: readonly string[] };
  /** Contents of `cicustom` files, in place of what would be generated. */
  readonly custom?: {
    readonly user?: string;
    readonly network?: string;
    readonly meta?: string;
    readonly vendor?: string;
  };
}

/**
 * The texts that PVE would write on a guest's cloud-init drive: nothing is escaped, and the instance id is a hash of user and network data, as there
 * (qemu-server, PVE/QemuServer/Cloudinit.pm). Pure.
 */
export function generateCloudInitFiles(source: CloudInitSource): CloudInitFiles {
  const format = cloudInitFormat(source.config);
  const userData = source.custom?.user ?? generateUserData(source);
  const networkData =
    source.custom?.network ??
    (format === 'nocloud' ? generateNoCloudNetwork(source) : generateEniNetwork(source));
  const metaData = source.custom?.meta ?? generateMetaData(format, userData, networkData);
  return { format, userData, networkData, metaData, vendorData: source.custom?.vendor ?? '' };
}

/** `citype`, else configdrive2 for Windows guests and nocloud for all others. */
export function cloudInitFormat(config: Readonly<Record<string, string>>): CloudInitFormat {
  if (config.citype === 'nocloud' || config.citype === 'configdrive2') return config.citype;
  return /^(w|win)/.test(config.ostype ?? '') ? 'configdrive2' : 'nocloud';
}

function generateUserData({ vmid, config }: CloudInitSource): string {
  const name = config.name ?? `VM${vmid}`;
  const hostname = name.split('.')[0];
  const fqdn = name.includes('.') || !config.searchdomain ? name : `${name}.${config.searchdomain}`;
  const lines = ['#cloud-config', `hostname: ${hostname}`, 'manage_etc_hosts: true', `fqdn: ${fqdn}`];
  if (config.ciuser !== undefined) lines.push(`user: ${config.ciuser}`);
  if (config.ciuser === 'root') lines.push('disable_root: False');
  if (config.cipassword !== undefined) lines.push(`password: ${config.cipassword}`);
  if (config.sshkeys !== undefined) {
    const keys = decodeURIComponent(config.sshkeys)
      .split('\n')
      .filter((key) => /\S/.test(key));
    lines.push('ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`));
  }
  lines.push('chpasswd:', '  expire: False');
  if (config.ciuser !== 'root') lines.push('users:', '  - default');
  if (config.ciupgrade === undefined || config.ciupgrade !== '0') lines.push('package_upgrade: true');
  return `${lines.join('\n')}\n`;
}

function generateMetaData(format: CloudInitFormat, userData: string, networkData: string): string {
  const id = createHash('sha1')
    .update(userData + networkData)
    .digest('hex');
  if (format === 'nocloud') return `instance-id: ${id}\n`;
  return `{\n     "uuid": "${id}",\n     "network_config": { "content_path": "/content/0000" }\n}\n`;
}

/** Network data of NoCloud: cloud-init's network configuration version 1. A NIC without `ipconfigN` does not occur in it. */
function generateNoCloudNetwork(source: CloudInitSource): string {
  const lines = ['version: 1', 'config:'];
  for (const { index, mac, ip } of configuredNics(source.config)) {
    lines.push(
      '    - type: physical',
      `      name: eth${index}`,
      `      mac_address: '${mac}'`,
      '      subnets:',
    );
    if (ip.ip === 'dhcp') lines.push('      - type: dhcp4');
    else if (ip.ip !== undefined) {
      const { address, netmask } = splitIpv4(ip.ip);
      lines.push('      - type: static', `        address: '${address}'`, `        netmask: '${netmask}'`);
      if (ip.gw !== undefined) lines.push(`        gateway: '${ip.gw}'`);
    }
    if (ip.ip6 === 'dhcp') lines.push('      - type: dhcp6');
    else if (ip.ip6 === 'auto') lines.push('      - type: ipv6_slaac');
    else if (ip.ip6 !== undefined) {
      lines.push('      - type: static6', `        address: '${ip.ip6}'`);
      if (ip.gw6 !== undefined) lines.push(`        gateway: '${ip.gw6}'`);
    }
  }
  const dns = dnsOf(source);
  lines.push('    - type: nameserver');
  if (dns.nameservers.length > 0)
    lines.push('      address:', ...dns.nameservers.map((server) => `      - '${server}'`));
  if (dns.search.length > 0)
    lines.push('      search:', ...dns.search.map((domain) => `      - '${domain}'`));
  return `${lines.join('\n')}\n`;
}

/** Network data of a config drive: an `/etc/network/interfaces`. */
function generateEniNetwork(source: CloudInitSource): string {
  const lines = ['auto lo', 'iface lo inet loopback', ''];
  const dns = dnsOf(source);
  if (dns.nameservers.length > 0) lines.push(`        dns_nameservers ${dns.nameservers.join(' ')}`);
  if (dns.search.length > 0) lines.push(`        dns_search ${dns.search.join(' ')}`);
  for (const { index, ip } of configuredNics(source.config)) {
    const nic = `eth${index}`;
    lines.push(`auto ${nic}`);
    if (ip.ip === 'dhcp') lines.push(`iface ${nic} inet dhcp`);
    else if (ip.ip !== undefined) {
      const { address, netmask } = splitIpv4(ip.ip);
      lines.push(`iface ${nic} inet static`, `        address ${address}`, `        netmask ${netmask}`);
      if (ip.gw !== undefined) lines.push(`        gateway ${ip.gw}`);
    }
    if (ip.ip6 === 'dhcp' || ip.ip6 === 'auto') lines.push(`iface ${nic} inet6 ${ip.ip6}`);
    else if (ip.ip6 !== undefined) {
      const [address, prefix] = ip.ip6.split('/');
      lines.push(`iface ${nic} inet6 static`, `        address ${address}`, `        netmask ${prefix}`);
      if (ip.gw6 !== undefined) lines.push(`        gateway ${ip.gw6}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

interface ConfiguredNic {
  readonly index: number;
  readonly mac: string;
  readonly ip: Readonly<Record<string, string>>;
}

/** The NICs that have an `ipconfigN`, in the order of their keys as strings (net0, net1, net10, net2). */
function configuredNics(config: Readonly<Record<string, string>>): ConfiguredNic[] {
  const nics: ConfiguredNic[] = [];
  for (const key of Object.keys(config)
    .filter((name) => /^net\d+$/.test(name))
    .sort()) {
    const index = Number(key.slice(3));
    const ipconfig = config[`ipconfig${index}`];
    if (!ipconfig) continue;
    const mac = /([0-9a-f]{2}(:[0-9a-f]{2}){5})/i.exec(config[key] ?? '')?.[1] ?? '';
    const ip = Object.fromEntries(
      ipconfig.split(',').map((part) => {
        const equals = part.indexOf('=');
        return [part.slice(0, equals), part.slice(equals + 1)];
      }),
    );
    nics.push({ index, mac: mac.toLowerCase(), ip });
  }
  return nics;
}

function dnsOf({ config, hostDns }: CloudInitSource): {
  nameservers: readonly string[];
  search: readonly string[];
} {
  const search = config.searchdomain ?? hostDns.search;
  return {
    nameservers: config.nameserver?.split(/[\s,;]+/).filter(Boolean) ?? hostDns.nameservers,
    search: search?.split(/\s+/).filter(Boolean) ?? [],
  };
}

function splitIpv4(cidr: string): { address: string; netmask: string } {
  const [address = '', prefix = '32'] = cidr.split('/');
  const mask = Number(prefix) === 0 ? 0 : (0xffffffff << (32 - Number(prefix))) >>> 0;
  return { address, netmask: [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.') };
}
