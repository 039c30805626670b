import { LXC_NET_SHAPE, NET_SHAPE } from './property-shapes.js';
import { equalProperties, parsePropertyString, printPropertyString } from './property-string.js';

/** A network card of a machine, under PVE's keys. Leave `macaddr` out only to get a new one: PVE draws one at each change without it. */
export interface Net {
  readonly model: string;
  readonly macaddr?: string;
  readonly bridge?: string;
  /** VLAN, 1 to 4094. */
  readonly tag?: string;
  readonly mtu?: string;
  readonly firewall?: string;
  readonly [key: string]: string | undefined;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no network card */
export function parseNet(text: string): Net {
  const { model = '', ...rest } = parsePropertyString(NET_SHAPE, text);
  return { model, ...rest };
}

/** Prints a network card as PVE does: `virtio=BC:24:11:00:00:01,bridge=vmbr0`. */
export function printNet(net: Net): string {
  return printPropertyString(NET_SHAPE, net);
}

/** Whether a card as declared is the card as read; a MAC that is not declared does not count. */
export function equalNets(declared: string, actual: string): boolean {
  return equalProperties(
    NET_SHAPE,
    parsePropertyString(NET_SHAPE, declared),
    parsePropertyString(NET_SHAPE, actual),
  );
}

/** A network card of a container, under PVE's keys; its addresses stand here too. */
export interface LxcNet {
  /** Name inside, e.g. `eth0`. */
  readonly name: string;
  readonly hwaddr?: string;
  readonly bridge?: string;
  /** An address with prefix, `dhcp` or `manual`. */
  readonly ip?: string;
  readonly gw?: string;
  readonly ip6?: string;
  readonly gw6?: string;
  readonly tag?: string;
  readonly [key: string]: string | undefined;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no network card of a container */
export function parseLxcNet(text: string): LxcNet {
  const { name = '', ...rest } = parsePropertyString(LXC_NET_SHAPE, text);
  return { name, ...rest };
}

/** Prints a network card of a container. */
export function printLxcNet(net: LxcNet): string {
  return printPropertyString(LXC_NET_SHAPE, net);
}
