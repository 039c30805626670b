import type { ObservedGuest } from '../../../observe/inventory.js';
import { importCommon, isSet } from '../../import/import-common.js';
import { ImportedDraft, type ImportedGuest, type ImportOptions } from '../../import/imported-guest.js';
import { importContainerNetworks } from './import-container-networks.js';
import { importContainerVolumes } from './import-container-volumes.js';

/** What Proxmox VE keeps about a container by itself, or takes from its template. */
const serverOwned = /^(?:arch|digest|ostype|parent|snaptime|snapstate|lxc)$/;
/** What only root@pam may set (pve-container LXC.pm, check_ct_modify_config_perm). */
const rootOnly = /^(?:hookscript|dev\d+|lock)$/;

function importHardware(draft: ImportedDraft): void {
  const numbers = [
    ['cores', 'cores'],
    ['memory', 'memory_mb'],
    ['swap', 'swap_mb'],
  ] as const;
  for (const [key, name] of numbers) {
    const value = draft.take(key);
    if (value !== undefined) draft.set(name, Number(value));
  }
  if (!isSet(draft.take('unprivileged'))) draft.set('unprivileged', false);
  const features = draft.take('features');
  if (features === undefined) return;
  if (/^nesting=[01]$/.test(String(features))) draft.set('nesting', features === 'nesting=1');
  else draft.option('features', features);
}

function importConsole(draft: ImportedDraft): void {
  const mode = draft.take('cmode');
  if (mode === 'shell') return;
  draft.option('cmode', mode ?? 'tty');
  draft.notice(
    'import-console',
    `${draft.label}: \`"cmode": "${String(mode ?? 'tty')}"\` in \`pve_options\` leaves its console as it is. Remove that line before you declare features: they need a console that is a shell.`,
  );
}

/** A container of the cluster as a value of `lxc_configs`. Pure. */
export function importContainer(guest: ObservedGuest, options: ImportOptions = {}): ImportedGuest {
  const label = `${guest.vmid} (${guest.name ?? `CT${guest.vmid}`})`;
  const draft = new ImportedDraft(guest.vmid, label, guest.config, options.without ?? new Set());
  importCommon(draft, guest, 'hostname', options);
  importHardware(draft);
  importContainerVolumes(draft);
  importContainerNetworks(draft);
  importConsole(draft);
  for (const key of draft.rest()) {
    const value = draft.take(key);
    if (value === undefined || serverOwned.test(key) || String(value).trim() === '') continue;
    if (rootOnly.test(key)) draft.keep(`${key} (only root@pam may set it)`);
    else draft.option(key, value);
  }
  return draft.finish('lxc_configs');
}
