import type { Lab } from '../../../lab.js';
import { drawMac, parseNic, printNic } from './net.js';
import { parseProperties, printProperties } from './property-string.js';

/** The MAC prefix of the datacenter. */
export function macPrefix(lab: Lab): string {
  return lab.state.datacenter.mac_prefix ?? 'BC:24:11';
}

/** A `netN` as it is stored: with a drawn MAC if it has none, or if `renew`. */
export function storedNic(lab: Lab, text: string, renew = false): string {
  const nic = parseNic(text);
  const macaddr = renew || nic.macaddr === undefined ? drawMac(macPrefix(lab), lab.random) : nic.macaddr;
  return printNic({ ...nic, macaddr });
}

/** `smbios1` with a drawn uuid in it. */
export function drawSmbios(lab: Lab, smbios: string | undefined): string {
  return printProperties({ ...parseProperties(smbios ?? ''), uuid: lab.uuid() });
}

/** The `meta` of a guest that is created now. */
export function creationMeta(lab: Lab): string {
  const version = lab.release === '8.4' ? '9.2.0' : '10.1.2';
  return `creation-qemu=${version},ctime=${Math.floor(lab.clock.now() / 1000)}`;
}
