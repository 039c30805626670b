import { IP_CONFIG_SHAPE } from './property-shapes.js';
import { parsePropertyString, printPropertyString } from './property-string.js';

/** Addresses that cloud-init gives a network card. */
export interface IpConfig {
  /** An address with prefix, or `dhcp`. */
  readonly ip?: string;
  /** Needs an address in `ip`; with `dhcp` PVE drops it. */
  readonly gw?: string;
  /** An address with prefix, `dhcp` or `auto`. */
  readonly ip6?: string;
  readonly gw6?: string;
  readonly [key: string]: string | undefined;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no ipconfig */
export function parseIpConfig(text: string): IpConfig {
  return parsePropertyString(IP_CONFIG_SHAPE, text);
}

/** Prints addresses as PVE takes them. */
export function printIpConfig(ipConfig: IpConfig): string {
  return printPropertyString(IP_CONFIG_SHAPE, ipConfig);
}
