import type { Caller } from '../../../access/access.js';
import { splitList } from '../../../http/params.js';
import { badParameter, failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { ruleOfKey, storedValueFault } from './config-keys.js';
import { parseNic } from './net.js';
import { parseProperties } from './property-string.js';

/** The guest whose keys change; `pool` only while it is being created into one. */
export interface KeyOwner {
  readonly lab: Lab;
  readonly caller: Caller;
  readonly vmid: number;
  readonly pool?: string | undefined;
}

/**
 * May the caller change these keys (API2/Qemu.pm, check_vm_modify_config_perm)? Drives and devices are checked elsewhere.
 * @throws PveError 403 for a missing privilege, 500 `only root can set 'args' config`.
 */
export function checkKeyPermissions(owner: KeyOwner, keys: readonly string[]): void {
  const { lab, caller, vmid, pool } = owner;
  if (caller.isRoot) return;
  for (const key of keys) {
    const rule = ruleOfKey(key);
    if (rule.kind === 'root') throw failure(`only root can set '${key}' config`);
    if (rule.kind === 'elsewhere') continue;
    lab.access.checkGuest(caller, vmid, pool, rule.anyOf, rule.anyOf.length > 1);
    if (key === 'startup') lab.access.check(caller, '/', ['Sys.Modify']);
  }
}

/**
 * May the caller use the serial ports, USB and PCI devices that these values name, or that the deleted keys held?
 * @throws PveError 500 `only root can set 'hostpci0' config for non-mapped devices`, or 403.
 */
export function checkDevicePermissions(
  owner: KeyOwner,
  values: ConfigSection,
  verb: 'set' | 'delete' = 'set',
): void {
  const { lab, caller, vmid, pool } = owner;
  if (caller.isRoot) return;
  for (const [key, value] of Object.entries(values)) {
    if (/^serial\d+$/.test(key)) {
      if (value !== 'socket') throw failure(`only root can ${verb} '${key}' config for real devices`);
      lab.access.checkGuest(caller, vmid, pool, ['VM.Config.HWType']);
    } else if (/^usb\d+$/.test(key)) {
      const usb = parseProperties(value, 'host');
      if (usb.mapping !== undefined) lab.access.check(caller, `/mapping/usb/${usb.mapping}`, ['Mapping.Use']);
      else if (usb.host !== 'spice') throw failure(`only root can ${verb} '${key}' config for real devices`);
      lab.access.checkGuest(caller, vmid, pool, ['VM.Config.HWType']);
    } else if (/^hostpci\d+$/.test(key)) {
      const device = parseProperties(value, 'host');
      if (device.mapping === undefined)
        throw failure(`only root can ${verb} '${key}' config for non-mapped devices`);
      lab.access.check(caller, `/mapping/pci/${device.mapping}`, ['Mapping.Use']);
      lab.access.checkGuest(caller, vmid, pool, ['VM.Config.HWType']);
    }
  }
}

/** May the caller connect these interfaces to their bridges? @throws PveError 403, or 500 when an interface names no bridge. */
export function checkBridges(lab: Lab, caller: Caller, values: ConfigSection): void {
  if (caller.isRoot) return;
  for (const key of Object.keys(values).filter((name) => /^net\d+$/.test(name))) {
    const { bridge, tag, trunks } = parseNic(values[key] ?? '').options;
    if (bridge === undefined) {
      if (lab.release === '9.2') continue;
      throw failure('no sdn vnet ID specified');
    }
    const base = `/sdn/zones/localnetwork/${bridge}`;
    if (tag !== undefined) lab.access.check(caller, `${base}/${tag}`, ['SDN.Use']);
    if (trunks !== undefined)
      for (const id of trunks.split(';')) lab.access.check(caller, `${base}/${id}`, ['SDN.Use']);
    if (tag === undefined) lab.access.check(caller, base, ['SDN.Use']);
  }
}

/**
 * Checks URL-encoded public keys, line by line, as `ssh-keygen -l` would.
 * @throws PveError 500 `SSH public key validation error`.
 */
export function checkSshKeys(encoded: string | undefined): void {
  if (encoded === undefined) return;
  let text: string;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    text = encoded;
  }
  checkPublicKeys(text);
}

/**
 * Checks public keys, line by line, as `ssh-keygen -l` would.
 * @throws PveError 500 `SSH public key validation error`.
 */
export function checkPublicKeys(text: string | undefined): void {
  for (const line of (text ?? '').split('\n')) {
    if (line.trim() !== '' && !line.startsWith('#') && !isPublicKey(line))
      throw failure('SSH public key validation error');
  }
}

function isPublicKey(line: string): boolean {
  const match = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(
    line,
  );
  if (match === null) return false;
  const blob = Buffer.from(match[2] ?? '', 'base64');
  if (blob.length < 8) return false;
  const length = blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString('latin1') === match[1];
}

/** Checks the size of the balloon against the memory. @throws PveError 500. */
export function checkBalloon(memory: string | undefined, balloon: string | undefined): void {
  const assigned = Number(parseProperties(memory ?? '512', 'current').current ?? 512);
  if (balloon !== undefined && Number(balloon) > assigned) {
    throw failure('balloon value too large (must be smaller than assigned memory)');
  }
}

/** What PVE finds out only when it writes the file. @throws PveError 500. */
export function checkStoredValues(values: ConfigSection): void {
  for (const [key, value] of Object.entries(values)) {
    const fault = storedValueFault(key, value);
    if (fault !== undefined) throw failure(`unable to parse value of '${key}' - ${fault}`);
  }
}

/** The hook script of a guest: it must be an executable snippet. @throws PveError 400. */
export async function checkHookScript(lab: Lab, node: string, volid: string | undefined): Promise<void> {
  if (volid === undefined) return;
  const fail = (text: string) => badParameter('hookscript', `${text}\n`);
  const parsed = lab.storages.parse(volid);
  if (parsed.content !== 'snippets') throw fail('hookscript needs to be in snippets directory');
  if (lab.storages.volume(node, volid) === undefined) throw fail(`script '${volid}' does not exist`);
}

/** Tags without repetitions, lower-case unless the datacenter keeps case, sorted unless it keeps the order (GuestHelpers.pm, get_unique_tags). */
export function uniqueTags(lab: Lab, text: string): string {
  const style = parseProperties(lab.state.datacenter['tag-style'] ?? '');
  const tags = splitList(text).map((tag) => (style['case-sensitive'] === '1' ? tag : tag.toLowerCase()));
  const unique = [...new Set(tags)];
  return (style.ordering === 'config' ? unique : unique.sort()).join(';');
}
