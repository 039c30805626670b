import type { ConfigSection, GuestConfig } from '../../../state/guest-config.js';
import { guestConfigDigest } from '../../../state/guest-config.js';
import type { JsonObject, JsonValue } from '../../../state/json.js';
import { pendingDeletes } from '../../qemu/config/write-config.js';
import { containerValue } from './container-keys.js';

/** The answer of GET …/config: pending changes taken as made, unless `current`. */
export function containerConfigView(config: GuestConfig, current: boolean): JsonObject {
  const section: ConfigSection = { ...config.main };
  if (!current) {
    for (const [key, value] of Object.entries(config.pending)) if (key !== 'delete') section[key] = value;
    for (const key of pendingDeletes(config).keys()) delete section[key];
  }
  const view = containerSectionView(section, config);
  if (config.lxc !== undefined && config.lxc.length > 0)
    view.lxc = config.lxc.map(([key, value]) => [key, value]);
  return view;
}

/** The answer for a section of the file, with the file's digest. */
export function containerSectionView(section: ConfigSection, config: GuestConfig): JsonObject {
  const view: JsonObject = {};
  for (const [key, value] of Object.entries(section)) view[key] = containerValue(key, value);
  view.digest = guestConfigDigest(config);
  return view;
}

/** The answer of GET …/pending: every key with what it is, what it will be, and whether it will be deleted. */
export function containerPendingView(config: GuestConfig): JsonValue {
  const deletes = pendingDeletes(config);
  const rows: JsonObject[] = [];
  for (const [key, value] of Object.entries(config.main)) {
    const row: JsonObject = { key, value: containerValue(key, value) };
    const pending = config.pending[key];
    if (pending !== undefined) row.pending = containerValue(key, pending);
    if (deletes.has(key)) row.delete = deletes.get(key) === true ? 2 : 1;
    rows.push(row);
  }
  rows.push({ key: 'digest', value: guestConfigDigest(config) });
  for (const [key, value] of Object.entries(config.pending)) {
    if (key !== 'delete' && config.main[key] === undefined)
      rows.push({ key, pending: containerValue(key, value) });
  }
  return rows;
}
