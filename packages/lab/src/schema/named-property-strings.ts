import type { LabRelease } from '../state/lab-state.js';
import type { Definition, Definitions } from './definition.js';

const text: Definition = { type: 'string', optional: 1 };
const flag: Definition = { type: 'boolean', optional: 1 };
const count: Definition = { type: 'integer', optional: 1, minimum: 0 };
const volume: Definition = { type: 'string', optional: 1, format: 'pve-volume-id' };
const base64: Definition = { type: 'string', optional: 1, pattern: '[A-Za-z0-9+\\/]+={0,2}' };
const hexId: Definition = { type: 'string', optional: 1, pattern: '0x[0-9a-fA-F]{4}' };

/** The keys of property strings that the schema only names (qemu-server, PVE/QemuServer.pm and its modules). */
const STRINGS: Readonly<Record<string, Definitions>> = {
  'pve-qm-ipconfig': {
    ip: { type: 'string', format: 'pve-ipv4-config', optional: 1 },
    gw: { type: 'string', format: 'ipv4', optional: 1, requires: 'ip' },
    ip6: { type: 'string', format: 'pve-ipv6-config', optional: 1 },
    gw6: { type: 'string', format: 'ipv6', optional: 1, requires: 'ip6' },
  },
  'pve-qm-boot': {
    legacy: { type: 'string', optional: 1, default_key: 1, pattern: '[acdn]{1,4}' },
    order: { type: 'string', optional: 1 },
  },
  'pve-qm-cicustom': { meta: volume, network: volume, user: volume, vendor: volume },
  'pve-qm-smbios1': {
    uuid: { type: 'string', optional: 1, pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}' },
    version: base64,
    serial: base64,
    manufacturer: base64,
    product: base64,
    sku: base64,
    family: base64,
    base64: flag,
  },
  'pve-qm-rng': {
    source: { type: 'string', default_key: 1, enum: ['/dev/urandom', '/dev/random', '/dev/hwrng'] },
    max_bytes: count,
    period: count,
  },
  'pve-qm-watchdog': {
    model: { type: 'string', optional: 1, default_key: 1, enum: ['i6300esb', 'ib700'] },
    action: {
      type: 'string',
      optional: 1,
      enum: ['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none'],
    },
  },
  'pve-qm-hostpci': {
    host: { ...text, default_key: 1 },
    mapping: { ...text, format: 'pve-configid' },
    rombar: flag,
    romfile: text,
    pcie: flag,
    'x-vga': flag,
    'legacy-igd': flag,
    mdev: text,
    driver: { ...text, enum: ['vfio', 'keep'] },
    'vendor-id': hexId,
    'device-id': hexId,
    'sub-vendor-id': hexId,
    'sub-device-id': hexId,
  },
  'pve-vm-cpu-conf': {
    cputype: { type: 'string', optional: 1, default_key: 1, pattern: '[A-Za-z0-9_.-]+' },
    'reported-model': text,
    hidden: flag,
    'hv-vendor-id': { type: 'string', optional: 1, pattern: '[a-zA-Z0-9]{1,12}' },
    flags: {
      type: 'string',
      optional: 1,
      pattern: '(?:[+-][a-zA-Z0-9\\-_\\.]+)(?:;[+-][a-zA-Z0-9\\-_\\.]+)*',
    },
    'phys-bits': { type: 'string', optional: 1, pattern: '(?:host|[89]|[1-5][0-9]|6[0-4])' },
    'guest-phys-bits': { type: 'integer', optional: 1, minimum: 32, maximum: 64 },
    level: count,
  },
  'pve-qemu-sev-fmt': {
    type: { type: 'string', default_key: 1, enum: ['std', 'es', 'snp'] },
    'no-debug': flag,
    'no-key-sharing': flag,
    'kernel-hashes': flag,
    'allow-smt': flag,
  },
  'pve-qemu-tdx-fmt': {
    type: { type: 'string', default_key: 1 },
    attestation: { type: 'boolean' },
    'vsock-cid': count,
    'vsock-port': count,
  },
  'prune-backups': {
    'keep-all': flag,
    'keep-last': count,
    'keep-hourly': count,
    'keep-daily': count,
    'keep-weekly': count,
    'keep-monthly': count,
    'keep-yearly': count,
  },
};

const NEWER_THAN_8: Readonly<Record<string, readonly string[]>> = {
  'pve-vm-cpu-conf': ['guest-phys-bits', 'level'],
};

/** The keys of a named property string in a release; undefined for other formats. */
export function namedPropertyStrings(name: string, release: LabRelease): Definitions | undefined {
  const known = STRINGS[name];
  const newer = NEWER_THAN_8[name];
  if (known === undefined || release !== '8.4' || newer === undefined) return known;
  return Object.fromEntries(Object.entries(known).filter(([key]) => !newer.includes(key)));
}
