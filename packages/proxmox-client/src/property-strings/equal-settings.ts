import type { GuestKind } from '../guests/guest-ref.js';
import {
  AGENT_SHAPE,
  BOOT_SHAPE,
  DRIVE_SHAPE,
  HOSTPCI_SHAPE,
  IP_CONFIG_SHAPE,
  LXC_NET_SHAPE,
  LXC_VOLUME_SHAPE,
  NET_SHAPE,
  OTHER_SHAPES,
  STARTUP_SHAPE,
} from './property-shapes.js';
import { equalProperties, type PropertyShape, parsePropertyString } from './property-string.js';
import { parseSshKeys } from './ssh-keys.js';
import { equalTags } from './tags.js';

/**
 * Whether a setting as declared is the setting as PVE returns it, for any key: property strings by their meaning, tags as sets, keys
 * by their lines, descriptions without the newline that containers get, numbers and booleans by value (`'1'`, `1` and `true` are one).
 * Absent and `undefined` are the same, and nothing else is the same as absent.
 */
export function equalSettings(kind: GuestKind, key: string, declared: unknown, actual: unknown): boolean {
  if (declared === undefined || actual === undefined) return declared === actual;
  const wanted = scalar(declared);
  const found = scalar(actual);
  if (wanted === found) return true;
  if (key === 'tags') return equalTags(wanted, found);
  if (key === 'sshkeys') return sameLines(wanted, found);
  if (key === 'description') return wanted.trimEnd() === found.trimEnd();
  if (/^-?[\d.]+$/.test(wanted) && /^-?[\d.]+$/.test(found)) return Number(wanted) === Number(found);
  const shape = shapeOfSetting(kind, key);
  if (!shape) return false;
  try {
    return equalProperties(shape, parsePropertyString(shape, wanted), parsePropertyString(shape, found));
  } catch {
    return false;
  }
}

/** The shape of a setting's property string; undefined for settings that are plain values. */
export function shapeOfSetting(kind: GuestKind, key: string): PropertyShape | undefined {
  const stem = key.replace(/\d+$/, '');
  if (kind === 'lxc') {
    if (stem === 'net') return LXC_NET_SHAPE;
    if (stem === 'rootfs' || stem === 'mp') return LXC_VOLUME_SHAPE;
    return key === 'startup'
      ? STARTUP_SHAPE
      : key === 'features' || stem === 'dev'
        ? OTHER_SHAPES[stem === 'dev' ? 'dev' : 'features']
        : undefined;
  }
  return QEMU_SHAPES.get(key) ?? QEMU_SHAPES.get(stem);
}

const { features: _features, dev: _dev, ...qemuOnly } = OTHER_SHAPES;

const QEMU_SHAPES = new Map<string, PropertyShape>([
  ...['ide', 'sata', 'scsi', 'virtio', 'efidisk', 'tpmstate'].map((stem): [string, PropertyShape] => [
    stem,
    DRIVE_SHAPE,
  ]),
  ['net', NET_SHAPE],
  ['ipconfig', IP_CONFIG_SHAPE],
  ['agent', AGENT_SHAPE],
  ['boot', BOOT_SHAPE],
  ['startup', STARTUP_SHAPE],
  ['hostpci', HOSTPCI_SHAPE],
  ...Object.entries(qemuOnly),
]);

function scalar(value: unknown): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function sameLines(a: string, b: string): boolean {
  try {
    return parseSshKeys(a).join('\n') === parseSshKeys(b).join('\n');
  } catch {
    return false;
  }
}
