import type { DeclaredMachine } from '../../config/model.js';
import type { ObservedGuest, WireValue } from '../../observe/inventory.js';
import type { Change } from '../../plan/plan.js';
import { listDesiredKeys } from './desired-keys.js';
import { listMachineDisks } from './machine-disk.js';
import { predictEffect } from './pending-rules.js';

/** One key to write or to remove, and what it looks like to people. */
export interface KeyDifference {
  readonly key: string;
  /** Absent: remove the key. */
  readonly value?: WireValue;
  readonly change: Change;
  /** Somebody else changed the key since Phoenix wrote it; the declaration is as it was then. */
  readonly drift: boolean;
}

/** Keys that go back to Proxmox VE's default when they are no longer declared. Others stay as they are. */
const removable = /^(cpu|machine|onboot|protection|startup|net\d+)$/;

/** The live value as a number where the wanted one is: Proxmox VE answers numbers as texts in places. */
function alike(live: WireValue | undefined, wanted: WireValue | undefined): WireValue | null {
  if (typeof wanted === 'number' && typeof live === 'string' && live !== '' && String(Number(live)) === live)
    return Number(live);
  return live ?? null;
}

/** What must be written so that the machine's configuration is as declared. Pure; empty when nothing differs. */
export function compareMachine(declared: DeclaredMachine, guest: ObservedGuest): readonly KeyDifference[] {
  const { config: live, marker } = guest;
  const running = guest.status === 'running';
  const differences: KeyDifference[] = [];
  const applied = marker?.applied ?? {};
  const desired = listDesiredKeys(declared, live, marker);
  const add = (key: string, label: string, value: WireValue | undefined, drift: boolean) => {
    const last = applied[key];
    const change: Change = {
      key: label,
      declared: value ?? null,
      live: alike(live[key], value),
      takesEffect: running ? predictEffect(key, live, value) : 'now',
      ...(last === undefined ? {} : { lastApplied: last }),
    };
    differences.push(value === undefined ? { key, change, drift } : { key, value, change, drift });
  };
  for (const wanted of desired) {
    const current = live[wanted.key];
    const same =
      current === undefined
        ? wanted.absentValue !== undefined && wanted.same(wanted.absentValue)
        : wanted.same(current);
    if (same) continue;
    const last = applied[wanted.key];
    add(wanted.key, wanted.label, wanted.value, last !== undefined && wanted.same(last));
  }
  const names = new Set(desired.map((wanted) => wanted.key));
  const rawApplied = (key: string) => applied[`pve:${key}`] !== undefined;
  for (const key of Object.keys(applied)
    .filter((name) => !name.startsWith('pve:'))
    .sort()) {
    if (names.has(key) || live[key] === undefined || !(removable.test(key) || rawApplied(key))) continue;
    add(key, key, undefined, false);
  }
  const disks = new Set(listMachineDisks(live).map((disk) => disk.slot));
  for (const disk of declared.extraDisks) {
    if (disks.has(disk.slot)) continue;
    const storage = disk.storage ?? declared.storage ?? 'local';
    const options = [
      disk.ssd === true ? ',ssd=1' : '',
      disk.discard === true ? ',discard=on' : '',
      disk.format === undefined ? '' : `,format=${disk.format}`,
    ];
    add(disk.slot, disk.slot, `${storage}:${disk.sizeGib}${options.join('')}`, false);
  }
  if (declared.description !== undefined && declared.description.trim() !== guest.text) {
    differences.push({
      key: 'description',
      value: declared.description.trim(),
      change: {
        key: 'description',
        declared: declared.description.trim(),
        live: guest.text === '' ? null : guest.text,
        takesEffect: 'now',
      },
      drift: false,
    });
  }
  return differences;
}

/** The values to remember as applied once the differences are written: every declared key, as it then is. */
export function listApplied(
  declared: DeclaredMachine,
  guest: ObservedGuest,
): Readonly<Record<string, WireValue>> {
  const applied: Record<string, WireValue> = {};
  for (const wanted of listDesiredKeys(declared, guest.config, guest.marker)) {
    // The MAC address is the guest's, not the declaration's.
    applied[wanted.key] = wanted.key === 'tags' ? [...declared.tags].join(';') : wanted.value;
  }
  for (const option of declared.pveOptions) applied[`pve:${option.key}`] = 1;
  return applied;
}
