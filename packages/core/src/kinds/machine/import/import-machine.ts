import type { ObservedGuest } from '../../../observe/inventory.js';
import { importCommon } from '../../import/import-common.js';
import { ImportedDraft, type ImportedGuest, type ImportOptions } from '../../import/imported-guest.js';
import { readProperties } from '../../property-string.js';
import { importMachineDisks } from './import-machine-disks.js';
import { importMachineNetworks } from './import-machine-networks.js';
import { importMachineUser } from './import-machine-user.js';

/** What Proxmox VE keeps about a machine by itself. */
const serverOwned =
  /^(?:digest|meta|parent|snaptime|vmgenid|vmstate|vmstatestorage|running(?:machine|cpu)|snapstate)$/;

/** What only root@pam with a password may set (qemu-server API2/Qemu.pm), with what makes an exception. */
function isRootOnly(key: string, value: string): boolean {
  if (/^(?:hostpci|usb)\d+$/.test(key)) return !/(?:^|,)(?:mapping=|spice\b|host=spice\b)/.test(value);
  if (/^serial\d+$/.test(key)) return value !== 'socket';
  return /^(?:affinity|amd-sev|arch|args|hookscript|hugepages|intel-tdx|ivshmem|keephugepages|lock|parallel\d+|spice_enhancements)$/.test(
    key,
  );
}

function importHardware(draft: ImportedDraft): void {
  const cores = draft.take('cores');
  if (cores !== undefined) draft.set('cores', Number(cores));
  const sockets = draft.take('sockets');
  if (sockets !== undefined && !draft.set('sockets', Number(sockets))) draft.keep(`${sockets} sockets`);
  const memory = draft.take('memory');
  if (memory !== undefined) {
    const properties = readProperties(String(memory));
    draft.set('memory_mb', Number(properties.get('') ?? properties.get('current')));
  }
  const texts = [
    ['cpu', 'cpu_type'],
    ['bios', 'bios'],
    ['machine', 'machine'],
  ] as const;
  for (const [key, name] of texts) {
    const value = draft.take(key);
    if (value !== undefined) draft.set(name, String(value));
  }
}

function importAgent(draft: ImportedDraft): void {
  const agent = draft.take('agent');
  const text = String(agent ?? '0');
  const properties = readProperties(text);
  if (/^(?:1|on|yes|true)$/i.test(properties.get('') ?? properties.get('enabled') ?? '')) {
    if (properties.size > 1 && agent !== undefined) draft.option('agent', agent);
    return;
  }
  draft.option('agent', agent ?? 0);
  draft.notice(
    'import-agent-off',
    `${draft.label}: its guest agent is off, and \`"agent": 0\` in \`pve_options\` leaves it so. Remove that line to have it switched on: features need it.`,
  );
}

/** What nobody has named: an option where it may be set. */
function importRest(draft: ImportedDraft): void {
  for (const key of draft.rest()) {
    const value = draft.take(key);
    if (value === undefined || serverOwned.test(key)) continue;
    const text = String(value);
    if (key === 'smbios1' && [...readProperties(text).keys()].every((part) => part === 'uuid')) continue;
    if (text.trim() === '') continue;
    if (key === 'lock') draft.notice('import-locked', `${draft.label} is locked (${text}).`);
    else if (isRootOnly(key, text)) draft.keep(`${key} (only root@pam may set it)`);
    else if (/^ipconfig\d+$/.test(key)) draft.keep(`${key} ${text}`);
    else draft.option(key, value);
  }
}

/** A machine of the cluster as an entry of `vms`. Pure. */
export function importMachine(guest: ObservedGuest, options: ImportOptions = {}): ImportedGuest {
  const label = `${guest.vmid} (${guest.name ?? `vm-${guest.vmid}`})`;
  const draft = new ImportedDraft(guest.vmid, label, guest.config, options.without ?? new Set());
  draft.set('vmid', guest.vmid);
  importCommon(draft, guest, 'name', options);
  importHardware(draft);
  importMachineDisks(draft);
  importMachineNetworks(draft);
  importMachineUser(draft);
  importAgent(draft);
  importRest(draft);
  return draft.finish('vms');
}
