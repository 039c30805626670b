import { isIPv4, isIPv6 } from 'node:net';
import { FormatError } from './format-error.js';

type Check = (value: string) => void;

const NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DNS_NAME = new RegExp(`^(?:${NAME}\\.)*${NAME}$`);
const VOLUME_ID = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i;
const REALM = '[A-Za-z][A-Za-z0-9.\\-_]+';
const USERID = new RegExp(`^([^\\s:/]+)@(${REALM})$`);
const EMAIL_USER = '[\\w+\\-~]+(?:\\.[\\w+\\-~]+)*';
const EMAIL = new RegExp(`^${EMAIL_USER}@[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*$`);
const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'images',
  'rootdir',
  'vztmpl',
  'iso',
  'backup',
  'snippets',
  'import',
  'none',
]);
const NETMASK =
  /^(?:(?:128|192|224|240|248|252|254)\.0\.0\.0|0\.0\.0\.0|255\.(?:0|128|192|224|240|248|252|254)\.0\.0|255\.255\.(?:0|128|192|224|240|248|252|254)\.0|255\.255\.255\.(?:0|128|192|224|240|248|252|254|255))$/;

const fail = (text: string): never => {
  throw new FormatError(`${text}\n`);
};
const matching =
  (pattern: RegExp, text: (value: string) => string): Check =>
  (value) => {
    if (!pattern.test(value)) fail(text(value));
  };
const satisfying =
  (test: (value: string) => boolean, text: (value: string) => string): Check =>
  (value) => {
    if (!test(value)) fail(text(value));
  };

function isCidr(value: string, isAddress: (text: string) => boolean, longest: number): boolean {
  const found = /^(.*)\/(\d+)$/.exec(value);
  return found !== null && isAddress(found[1] ?? '') && Number(found[2]) > 7 && Number(found[2]) <= longest;
}
const isCidrV4 = (value: string) => isCidr(value, isIPv4, 32);
const isCidrV6 = (value: string) => isCidr(value, isIPv6, 128);
const isAddress = (value: string) => isIPv4(value) || isIPv6(value);
const illegalId = (kind: string) => (value: string) => `${kind} ID '${value}' contains illegal characters`;
const isId = (value: string) => /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(value);

const volumeId = matching(VOLUME_ID, (value) => `unable to parse volume ID '${value}'`);
const userid: Check = (value) => {
  if (value.length < 3) fail(`user name '${value}' is too short`);
  if (value.length > 64) fail(`user name '${value}' is too long (${value.length} > 64)`);
  if (!USERID.test(value)) fail(`value '${value}' does not look like a valid user name`);
};
const tokenid: Check = (value) => {
  const found = new RegExp(`^(.*)!(${REALM})$`).exec(value);
  if (found === null) fail(`value '${value}' does not look like a valid token ID`);
  else userid(found[1] ?? '');
};
const pair =
  (check: Check): Check =>
  (value) => {
    for (const part of value === '1' ? [] : value.split(':')) {
      try {
        check(part);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        fail(`entry '${value}' contains invalid ID - ${error.text}\n`);
      }
    }
  };
const storageId = satisfying(isId, illegalId('storage'));
const bridgeId = matching(/^[-_.\w]+$/, (value) => `invalid bridge ID '${value}'`);
const poolid = (value: string) => {
  const parts = value.split('/');
  if (parts.length > 3) fail(`pool name '${value}' may be nested at most 3 levels`);
  if (!/^[A-Za-z]/.test(value)) fail(`pool name must start with a letter`);
  for (const part of parts)
    if (!/^[A-Za-z0-9.\-_]+$/.test(part)) fail(`pool name '${value}' contains invalid characters`);
};

/**
 * Formats of single values by name, with the text that a wrong value gets (pve-common PVE/JSONSchema.pm, pve-storage, pve-access-control, qemu-server,
 * pve-container).
 */
export const scalarFormats: Readonly<Record<string, Check>> = {
  string: () => {},
  urlencoded: matching(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
  'pve-configid': matching(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`),
  'pve-storage-id': storageId,
  'pve-bridge-id': bridgeId,
  'pve-vmid': matching(/^[1-9][0-9]{2,8}$/, () => 'value does not look like a valid VM ID'),
  'pve-node': matching(new RegExp(`^${NAME}$`), () => 'value does not look like a valid node name'),
  'storage-pair': pair(storageId),
  'bridge-pair': pair(bridgeId),
  'mac-addr': matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i,
    () => 'value does not look like a valid unicast MAC address',
  ),
  'mac-prefix': matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}:?$/i,
    () => 'value is not a valid unicast MAC address prefix',
  ),
  ipv4: satisfying(isIPv4, () => 'value does not look like a valid IPv4 address'),
  ipv6: satisfying(isIPv6, () => 'value does not look like a valid IPv6 address'),
  ip: satisfying(isAddress, () => 'value does not look like a valid IP address'),
  ipv4mask: matching(NETMASK, () => 'value does not look like a valid IP netmask'),
  CIDRv4: satisfying(isCidrV4, () => 'value does not look like a valid IPv4 CIDR network'),
  CIDRv6: satisfying(isCidrV6, () => 'value does not look like a valid IPv6 CIDR network'),
  CIDR: satisfying(
    (value) => isCidrV4(value) || isCidrV6(value),
    () => 'value does not look like a valid CIDR network',
  ),
  IPorCIDR: satisfying(
    (value) => isAddress(value) || (/^(.+)\/(\d+)$/.test(value) && isAddress(value.replace(/\/\d+$/, ''))),
    () => 'value does not look like a valid IP address or CIDR network',
  ),
  'pve-ipv4-config': satisfying(
    (value) => value === 'dhcp' || value === 'manual' || isCidrV4(value),
    () => 'value does not look like a valid ipv4 network configuration',
  ),
  'pve-ipv6-config': satisfying(
    (value) => value === 'auto' || value === 'dhcp' || value === 'manual' || isCidrV6(value),
    () => 'value does not look like a valid ipv6 network configuration',
  ),
  'ldap-simple-attr': matching(
    /^[a-zA-Z0-9]+$/,
    (value) => `value '${value}' does not look like a simple ldap attribute name`,
  ),
  email: matching(EMAIL, () => 'value does not look like a valid email address'),
  'email-or-username': satisfying(
    (value) => EMAIL.test(value) || new RegExp(`^${EMAIL_USER}$`).test(value),
    () => 'value does not look like a valid email address or user name',
  ),
  'dns-name': matching(DNS_NAME, () => 'value does not look like a valid DNS name'),
  'pve-iface': matching(
    /^[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i,
    (value) => `invalid network interface name '${value}'`,
  ),
  address: satisfying(
    (value) => isAddress(value) || DNS_NAME.test(value),
    (value) => `value does not look like a valid address: ${value}`,
  ),
  'disk-size': matching(
    /^\d+(\.\d+)?[KMGT]?$/,
    (value) => `value does not look like a valid disk size: ${value}`,
  ),
  'pve-startup-order': (value) => {
    const isPart = (part: string) =>
      /^\s*$/.test(part) || /^(order=)?\d+$/.test(part) || /^(up|down)=\d+$/.test(part);
    if (value === '' || !value.split(',').every(isPart)) fail('unable to parse startup options');
  },
  'pve-tag': matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, () => 'invalid characters in tag'),
  'pve-task-status-type': matching(/^(ok|error|warning|unknown)$/i, (value) => `invalid status '${value}'`),
  'pve-volume-id': volumeId,
  'pve-volume-id-or-none': (value) => void (value === 'none' || volumeId(value)),
  'pve-volume-id-or-absolute-path': (value) => void (value.startsWith('/') || volumeId(value)),
  'pve-volume-id-or-qm-path': (value) => {
    if (value !== 'none' && value !== 'cdrom' && !value.startsWith('/')) volumeId(value);
  },
  'pve-lxc-mp-string': (value) => {
    if (/(?:^|\/)\.\.?\/|\/\.\.?(?:\/|$)|^\.\.?$/.test(value))
      fail(`${value} contains illegal character sequences`);
  },
  'pve-storage-content': satisfying(
    (value) => CONTENT_TYPES.has(value),
    (value) => `invalid content type '${value}'`,
  ),
  'pve-storage-path': (value) => {
    if (!value.startsWith('/')) fail('value does not look like a valid absolute path');
  },
  'pve-storage-vgname': matching(
    /^[a-z0-9\-_.+]+$/i,
    (value) => `lvm name '${value}' contains illegal characters`,
  ),
  'pve-storage-server': satisfying(
    (value) => isAddress(value) || DNS_NAME.test(value),
    () => 'value is not a valid server name or IP address',
  ),
  'pve-userid': userid,
  'pve-tokenid': tokenid,
  'pve-realm': (value) => {
    if (!new RegExp(`^${REALM}$`).test(value)) fail('value does not look like a valid realm');
    if (value.length > 32) fail(`realm name '${value}' is too long`);
  },
  'pve-groupid': matching(
    /^[A-Za-z0-9.\-_]+$/,
    (value) => `group name '${value}' contains invalid characters`,
  ),
  'pve-roleid': matching(/^[A-Za-z0-9.\-_]+$/, (value) => `role name '${value}' contains invalid characters`),
  'pve-poolid': poolid,
  'pve-hotplug-features': satisfying(
    (value) =>
      /^[01]$/.test(value) ||
      value
        .split(/[,;\s]+/)
        .every((part) => part === '' || /^(network|disk|cpu|memory|usb|cloudinit)$/.test(part)),
    () => 'unable to parse hotplug option',
  ),
  'pve-cpuset': (value) => {
    if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) fail('unable to parse cpuset option');
  },
  'pve-qm-bootdisk': matching(
    /^(ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/,
    (value) => `invalid boot disk '${value}'`,
  ),
  'lxc-ip-with-ll-iface': satisfying(
    (value) => isAddress(value.replace(/%.*$/, '')),
    () => 'value is not a valid IP address',
  ),
  'pve-vlan-id-or-range': (value) => {
    const found = /^(\d+)(?:-(\d+))?$/.exec(value);
    if (found === null) return fail(`invalid VLAN configuration '${value}'`);
    for (const tag of [found[1], found[2]])
      if (tag !== undefined && (Number(tag) < 2 || Number(tag) > 4094)) fail(`invalid VLAN tag '${tag}'`);
  },
};
