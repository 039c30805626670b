import { drawMac } from '../../qemu/config/net.js';
import { parseProperties, printProperties } from '../../qemu/config/property-string.js';

/** The properties of a container's interface: `name`, `bridge`, `hwaddr`, `ip`, `gw`, `type` … */
export type ContainerNic = Readonly<Record<string, string>>;

/** Parses the value of a `netN`. */
export function parseContainerNic(text: string): ContainerNic {
  return parseProperties(text);
}

/** Prints an interface in PVE's canonical order: its name, then all else by key. */
export function printContainerNic(nic: ContainerNic): string {
  const { name, ...rest } = nic;
  return name === undefined ? printProperties(rest) : `name=${name},${printProperties(rest)}`;
}

/** A `netN` as PVE stores it (LXC/Config.pm, parse_lxc_network): with its type, and with a drawn MAC if it has none, or if `renew`. */
export function storedContainerNic(
  text: string,
  macPrefix: string,
  random: () => number,
  renew = false,
): string {
  const nic = parseContainerNic(text);
  const hwaddr = renew || nic.hwaddr === undefined ? drawMac(macPrefix, random) : nic.hwaddr;
  return printContainerNic({ ...nic, type: 'veth', hwaddr });
}
