import { createHash } from 'node:crypto';

/** Keys and values of one section, as stored (property strings stay strings). */
export type ConfigSection = Record<string, string>;

/**
 * A guest's configuration file, `/etc/pve/qemu-server/VMID.conf` or `/etc/pve/lxc/VMID.conf`, as data: the current section, changes that wait for the next
 * start (`pending.delete` lists keys to delete, `!` before forced ones), the values of the last generated cloud-init drive, and snapshots.
 */
export interface GuestConfig {
  main: ConfigSection;
  pending: ConfigSection;
  cloudinit: ConfigSection;
  snapshots: Record<string, ConfigSection>;
  /** Raw `lxc.*` lines of a container, in order. */
  lxc?: [string, string][];
}

/** An empty configuration with these current values. */
export function createGuestConfig(main: ConfigSection = {}): GuestConfig {
  return { main, pending: {}, cloudinit: {}, snapshots: {} };
}

/** The text of the file, as PVE writes it: description as comment lines, keys sorted, then pending, cloud-init and snapshot sections. */
export function printGuestConfig(config: GuestConfig): string {
  let text = printSection(config.main, config.lxc);
  if (Object.keys(config.pending).length > 0) text += `\n[PENDING]\n${printSection(config.pending)}`;
  if (Object.keys(config.cloudinit).length > 0)
    text += `\n[special:cloudinit]\n${printSection(config.cloudinit)}`;
  for (const name of Object.keys(config.snapshots).sort()) {
    text += `\n[${name}]\n${printSection(config.snapshots[name] ?? {})}`;
  }
  return text;
}

/** SHA-1 of the printed file in hex: PVE's `digest`, which changes exactly when anything in the file does. */
export function guestConfigDigest(config: GuestConfig): string {
  return createHash('sha1').update(printGuestConfig(config)).digest('hex');
}

function printSection(section: ConfigSection, lxc: readonly (readonly [string, string])[] = []): string {
  let text = '';
  const { description } = section;
  if (description !== undefined) {
    // A description of nothing leaves one empty comment line.
    for (const line of description.replace(/\n$/, '').split('\n')) text += `#${encodeComment(line)}\n`;
  }
  for (const key of Object.keys(section).sort()) {
    if (key !== 'description') text += `${key}: ${section[key]}\n`;
  }
  for (const [key, value] of lxc) text += `${key}: ${value}\n`;
  return text;
}

/** PVE::Tools::encode_text: control characters, `%`, `:` and everything beyond ASCII as percent-encoded UTF-8. */
function encodeComment(line: string): string {
  let text = '';
  for (const byte of Buffer.from(line, 'utf8')) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x3a;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
