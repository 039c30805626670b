import type { DeclaredMachine } from '../../config/model.js';
import type { ObservedGuest, WireValue } from '../../observe/inventory.js';
import { compareKeys, type KeyDifference, type KeyRules, rememberKeys } from '../compare-keys.js';
import { listDesiredKeys } from './desired-keys.js';
import { listMachineDisks } from './machine-disk.js';
import { predictEffect } from './pending-rules.js';

const removable = /^(cpu|machine|onboot|protection|startup|net\d+)$/;

/** What must be written so that the machine's configuration is as declared. Pure; empty when nothing differs. */
export function compareMachine(declared: DeclaredMachine, guest: ObservedGuest): readonly KeyDifference[] {
  const desired = listDesiredKeys(declared, guest.config, guest.marker);
  return compareKeys(declared, guest, desired, {
    removable,
    predictEffect,
    additions: listNewDisks(declared, guest),
  });
}

function listNewDisks(declared: DeclaredMachine, guest: ObservedGuest): KeyRules['additions'] {
  if (declared.extraDisks.length === 0) return [];
  const disks = new Set(listMachineDisks(guest.config).map((disk) => disk.slot));
  return declared.extraDisks
    .filter((disk) => !disks.has(disk.slot))
    .map((disk) => {
      const options = [
        disk.ssd === true ? ',ssd=1' : '',
        disk.discard === true ? ',discard=on' : '',
        disk.format === undefined ? '' : `,format=${disk.format}`,
      ];
      const storage = disk.storage ?? declared.storage ?? 'local';
      return { key: disk.slot, value: `${storage}:${disk.sizeGib}${options.join('')}` };
    });
}

/** The values to remember as applied once the differences are written. */
export function listApplied(
  declared: DeclaredMachine,
  guest: ObservedGuest,
): Readonly<Record<string, WireValue>> {
  return rememberKeys(declared, listDesiredKeys(declared, guest.config, guest.marker));
}
