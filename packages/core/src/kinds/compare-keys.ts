import type { DeclaredGuest } from '../config/model.js';
import type { ObservedGuest, WireValue } from '../observe/inventory.js';
import type { Change } from '../plan/plan.js';
import type { DesiredKey } from './desired-key.js';

/** One key to write or to remove, and what it looks like to people. */
export interface KeyDifference {
  readonly key: string;
  /** Absent: remove the key. */
  readonly value?: WireValue;
  readonly change: Change;
  /** Somebody else changed the key since Phoenix wrote it; the declaration is as it was then. */
  readonly drift: boolean;
}

/** What a kind knows about its keys. */
export interface KeyRules {
  /** Keys that go back to Proxmox VE's default when they are no longer declared. Others stay as they are. */
  readonly removable: RegExp;
  /** When a change of a running guest's key takes effect; no value: the key is removed. */
  readonly predictEffect: (
    key: string,
    live: Readonly<Record<string, WireValue>>,
    wanted: WireValue | undefined,
  ) => Change['takesEffect'];
  /** Values that make something new, such as a disk that is not there: always written. */
  readonly additions: readonly { readonly key: string; readonly value: WireValue }[];
}

/** The live value as a number where the wanted one is: Proxmox VE answers numbers as texts in places. */
function alike(live: WireValue | undefined, wanted: WireValue | undefined): WireValue | null {
  if (typeof wanted === 'number' && typeof live === 'string' && live !== '' && String(Number(live)) === live)
    return Number(live);
  return live ?? null;
}

/** What must be written so that the guest's keys are as desired. Pure; empty when nothing differs. */
export function compareKeys(
  declared: DeclaredGuest,
  guest: ObservedGuest,
  desired: readonly DesiredKey[],
  rules: KeyRules,
): readonly KeyDifference[] {
  const { config: live, marker } = guest;
  const differences: KeyDifference[] = [];
  const applied = marker?.applied ?? {};
  const add = (key: string, label: string, value: WireValue | undefined, drift: boolean) => {
    const last = applied[key];
    const change: Change = {
      key: label,
      declared: value ?? null,
      live: alike(live[key], value),
      takesEffect: guest.status === 'running' ? rules.predictEffect(key, live, value) : 'now',
      ...(last === undefined ? {} : { lastApplied: last }),
    };
    differences.push(value === undefined ? { key, change, drift } : { key, value, change, drift });
  };
  for (const wanted of desired) {
    const current = live[wanted.key];
    const same =
      current === undefined
        ? wanted.absentValue !== undefined && wanted.same(wanted.absentValue)
        : current === wanted.value || wanted.same(current);
    if (same) continue;
    const last = applied[wanted.key];
    add(wanted.key, wanted.label, wanted.value, last !== undefined && wanted.same(last));
  }
  const isLeft = (key: string) =>
    live[key] !== undefined &&
    !desired.some((wanted) => wanted.key === key) &&
    !key.startsWith('pve:') &&
    (rules.removable.test(key) || applied[`pve:${key}`] !== undefined);
  for (const key of Object.keys(applied).filter(isLeft).sort()) add(key, key, undefined, false);
  for (const { key, value } of rules.additions) add(key, key, value, false);
  const description = declared.description?.trim();
  if (description !== undefined && description !== guest.text) {
    differences.push({
      key: 'description',
      value: description,
      change: {
        key: 'description',
        declared: description,
        live: guest.text === '' ? null : guest.text,
        takesEffect: 'now',
      },
      drift: false,
    });
  }
  return differences;
}

/** The values to remember as applied once the differences are written: every desired key, as it then is. */
export function rememberKeys(
  declared: DeclaredGuest,
  desired: readonly DesiredKey[],
): Readonly<Record<string, WireValue>> {
  const applied: Record<string, WireValue> = {};
  for (const wanted of desired)
    applied[wanted.key] =
      wanted.key === 'tags' ? [...declared.tags].join(';') : (wanted.remembered?.() ?? wanted.value);
  for (const option of declared.pveOptions) applied[`pve:${option.key}`] = 1;
  return applied;
}
