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
  OTHER_LXC_SHAPES,
  OTHER_QEMU_SHAPES,
  STARTUP_SHAPE,
} from './property-shapes.js';
import type { PropertyShape } from './property-string.js';

const QEMU_SHAPES = new Map<string, PropertyShape>([
  ['ide', DRIVE_SHAPE],
  ['sata', DRIVE_SHAPE],
  ['scsi', DRIVE_SHAPE],
  ['virtio', DRIVE_SHAPE],
  ['efidisk', DRIVE_SHAPE],
  ['tpmstate', DRIVE_SHAPE],
  ['net', NET_SHAPE],
  ['ipconfig', IP_CONFIG_SHAPE],
  ['agent', AGENT_SHAPE],
  ['boot', BOOT_SHAPE],
  ['startup', STARTUP_SHAPE],
  ['hostpci', HOSTPCI_SHAPE],
  ...Object.entries(OTHER_QEMU_SHAPES),
]);

const LXC_SHAPES = new Map<string, PropertyShape>([
  ['net', LXC_NET_SHAPE],
  ['rootfs', LXC_VOLUME_SHAPE],
  ['mp', LXC_VOLUME_SHAPE],
  ['startup', STARTUP_SHAPE],
  ...Object.entries(OTHER_LXC_SHAPES),
]);

/** The shape of a setting's property string, by its key with or without number; undefined for settings that are plain values. */
export function shapeOfSetting(kind: GuestKind, key: string): PropertyShape | undefined {
  const shapes = kind === 'qemu' ? QEMU_SHAPES : LXC_SHAPES;
  return shapes.get(key) ?? shapes.get(key.replace(/\d+$/, ''));
}
