import type { ObservedGuest } from '../../observe/inventory.js';
import { phoenixTag, readStartup } from '../desired-key.js';
import { parseDiskSize } from '../machine/machine-disk.js';
import type { ImportedDraft, ImportOptions } from './imported-guest.js';

const guestName =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const descriptionLimit = 6000;
const gib = 2 ** 30;

/** Whether a flag of Proxmox VE is set; it comes as a number, as a text, or as a boolean. */
export function isSet(value: unknown): boolean {
  return value === true || (value !== undefined && value !== '' && Number(value) === 1);
}

/** GiB of a size as Proxmox VE prints it; nothing for a volume without one. */
export function gibOf(size: string | undefined): number | undefined {
  const bytes = parseDiskSize(size ?? '-');
  return bytes === undefined || bytes === 0 ? undefined : bytes / gib;
}

/** The storage of a volume; nothing for a device or a directory of the node. */
export function storageOf(volid: string): string | undefined {
  return volid.startsWith('/') ? undefined : /^([^:]+):/.exec(volid)?.[1];
}

/** The template whose disk a volume rests on: `local:8000/base-8000-disk-0.qcow2/901/vm-901-disk-0.qcow2`. */
export function linkedSourceOf(volid: string): number | undefined {
  const vmid = /[:/]base(?:vol)?-(\d+)-[^/]*\//.exec(volid)?.[1];
  return vmid === undefined ? undefined : Number(vmid);
}

/** What machines and containers have in common: name, tags, notes, start order. */
export function importCommon(
  draft: ImportedDraft,
  guest: ObservedGuest,
  nameKey: 'name' | 'hostname',
  options: ImportOptions,
): void {
  const { vmid } = guest;
  const name = draft.take(nameKey);
  const usable = name !== undefined && guestName.test(String(name));
  draft.set('name', usable ? String(name) : `vm-${vmid}`);
  if (name !== undefined && !usable)
    draft.notice('import-name', `${draft.label}: its name is no DNS name, so it will be called vm-${vmid}.`);
  if (options.nameNode === true) draft.set('node', guest.node);
  if (guest.template) draft.set('is_template', true);
  else if (guest.status === 'stopped') draft.set('leave_stopped', true);

  const tags = [
    ...new Set(
      String(draft.take('tags') ?? '')
        .split(/[;,\s]+/)
        .filter((tag) => tag !== '' && tag.toLowerCase() !== phoenixTag),
    ),
  ];
  if (tags.length > 0) draft.set('tags', tags);
  if (guest.pool !== undefined) draft.set('pool', guest.pool);
  importDescription(draft, guest.text);
  if (isSet(draft.take('onboot'))) draft.set('start_at_boot', true);
  if (isSet(draft.take('protection'))) draft.set('protection', true);
  for (const [part, value] of readStartup(draft.take('startup'))) {
    if (part === 'order') draft.set('boot_order', Number(value));
    else if (part === 'up') draft.set('boot_delay', Number(value));
    else draft.keep(`startup ${part}=${value}`);
  }
}

function importDescription(draft: ImportedDraft, text: string): void {
  if (text === '') return;
  if (text.trim() === text && text.length <= descriptionLimit) draft.set('description', text);
  else
    draft.keep(
      text.length > descriptionLimit
        ? `a description of ${text.length} characters`
        : 'a description that begins with blanks',
    );
}
