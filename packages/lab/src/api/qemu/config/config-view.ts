import type { ConfigSection, GuestConfig } from '../../../state/guest-config.js';
import { guestConfigDigest } from '../../../state/guest-config.js';
import type { JsonObject, JsonValue } from '../../../state/json.js';
import { cloudInitOptionKeys, configValue } from './config-keys.js';
import { pendingDeletes } from './write-config.js';

const masked = '**********';

/** The answer of GET …/config: pending changes taken as made, unless `current`. */
export function configView(config: GuestConfig, current: boolean): JsonObject {
  const section: ConfigSection = { ...config.main };
  if (!current) {
    for (const [key, value] of Object.entries(config.pending)) if (key !== 'delete') section[key] = value;
    for (const key of pendingDeletes(config).keys()) delete section[key];
  }
  return sectionView(section, config);
}

/** The answer for a section of the file, with the file's digest. */
export function sectionView(section: ConfigSection, config: GuestConfig, mask = true): JsonObject {
  const view: JsonObject = {};
  for (const [key, value] of Object.entries(section)) view[key] = configValue(key, value);
  if (mask && view.cipassword !== undefined) view.cipassword = masked;
  view.digest = guestConfigDigest(config);
  return view;
}

/** The answer of GET …/pending: every key with what it is, what it will be, and whether it will be deleted (2: forced). */
export function pendingView(config: GuestConfig): JsonValue {
  const deletes = pendingDeletes(config);
  const rows: JsonObject[] = [];
  const hidden = (key: string, text: string, value: string) =>
    key === 'cipassword' ? text : configValue(key, value);
  for (const [key, value] of Object.entries(config.main)) {
    const row: JsonObject = { key, value: hidden(key, masked, value) };
    const pending = config.pending[key];
    if (pending !== undefined) row.pending = hidden(key, `${masked} `, pending);
    const force = deletes.get(key);
    if (force !== undefined) row.delete = force ? 2 : 1;
    rows.push(row);
  }
  rows.push({ key: 'digest', value: guestConfigDigest(config) });
  for (const [key, value] of Object.entries(config.pending)) {
    if (key !== 'delete' && config.main[key] === undefined)
      rows.push({ key, pending: hidden(key, masked, value) });
  }
  for (const key of deletes.keys()) {
    if (config.main[key] === undefined && config.pending[key] === undefined) rows.push({ key, delete: 2 });
  }
  return rows;
}

/** The answer of GET …/cloudinit: the options as in the drive that was last generated, and as they would be now. */
export function cloudInitPendingView(config: GuestConfig): JsonValue {
  const { added: addedList = '', ...recorded } = config.cloudinit;
  const added = addedList.split(',').filter((key) => key !== '');
  const shown = (key: string, value: string | undefined) =>
    value === undefined ? undefined : key === 'cipassword' ? masked : configValue(key, value);
  const rows: JsonObject[] = added.map((key) => ({ key, pending: shown(key, config.main[key]) }));
  for (const key of cloudInitOptionKeys) {
    const value = config.main[key];
    // Perl's truth: "0" (ciupgrade) counts as unset.
    if (value === undefined || value === '0' || value === '' || added.includes(key)) continue;
    const before = recorded[key];
    rows.push(
      before === undefined
        ? { key, value: shown(key, value) }
        : { key, value: shown(key, before), pending: shown(key, value) },
    );
  }
  for (const key of Object.keys(recorded)) {
    if (config.main[key] === undefined) rows.push({ key, delete: 1 });
  }
  return rows;
}
