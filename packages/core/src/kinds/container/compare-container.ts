import type { DeclaredContainer } from '../../config/model.js';
import type { ObservedGuest, WireValue } from '../../observe/inventory.js';
import { compareKeys, type KeyDifference, rememberKeys } from '../compare-keys.js';
import { listContainerVolumes, printMountPoint } from './container-volume.js';
import { listDesiredKeys } from './desired-keys.js';
import { predictEffect } from './pending-rules.js';

const removable = /^(cores|onboot|protection|startup|nameserver|searchdomain|net\d+)$/;

/** What must be written so that the container's configuration is as declared. Pure; empty when nothing differs. */
export function compareContainer(
  declared: DeclaredContainer,
  guest: ObservedGuest,
): readonly KeyDifference[] {
  const slots = new Set(listContainerVolumes(guest.config).map((volume) => volume.slot));
  const additions = declared.mountPoints
    .filter((point) => !slots.has(point.slot))
    .map((point) => ({ key: point.slot, value: printMountPoint(point, declared) }));
  const desired = listDesiredKeys(declared, guest.config, guest.marker);
  return compareKeys(declared, guest, desired, { removable, predictEffect, additions });
}

/** The values to remember as applied once the differences are written. */
export function listApplied(
  declared: DeclaredContainer,
  guest: Pick<ObservedGuest, 'config' | 'marker'>,
): Readonly<Record<string, WireValue>> {
  return rememberKeys(declared, listDesiredKeys(declared, guest.config, guest.marker));
}
