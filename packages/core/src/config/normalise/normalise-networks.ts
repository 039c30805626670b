import type { DeclaredAddress, DeclaredNetwork } from '../model.js';
import { isInNetwork, parseCidr, reservedRole } from '../schema/ip-address.js';
import type { NodePath } from '../source/source-node.js';
import { definedOnly } from './defined-only.js';
import { type NormaliseContext, placeOf, reportAt } from './normalise-context.js';

/** An interface as either kind of guest declares it. */
export interface NetworkInput {
  readonly name?: string | undefined;
  readonly bridge?: string | undefined;
  readonly ip?: string | undefined;
  readonly gw?: string | undefined;
  readonly ip6?: string | undefined;
  readonly gw6?: string | undefined;
  readonly nameserver?: readonly string[] | undefined;
  readonly nameservers?: readonly string[] | undefined;
  readonly searchdomain?: readonly string[] | undefined;
  readonly mac?: string | undefined;
  readonly vlan?: number | undefined;
  readonly mtu?: number | undefined;
  readonly model?: string | undefined;
  readonly firewall?: boolean | undefined;
}

/**
 * The interfaces of a guest. Without any declaration and with a default bridge there is one, with DHCP; an
 * interface that declares no address at all uses DHCP for IPv4.
 */
export function normaliseNetworks(
  input: NetworkInput | readonly NetworkInput[] | undefined,
  defaultBridge: string | undefined,
  context: NormaliseContext,
): readonly DeclaredNetwork[] {
  if (input === undefined) {
    if (defaultBridge === undefined) return [];
    const position = placeOf(context, ['network_bridge']);
    return [
      {
        index: 0,
        bridge: defaultBridge,
        ipv4: { kind: 'dhcp' },
        nameservers: [],
        searchDomains: [],
        position,
      },
    ];
  }
  if (isList(input)) {
    return input.map((one, index) =>
      normaliseOne(one, index, ['network_config', index], defaultBridge, context),
    );
  }
  return [normaliseOne(input, 0, ['network_config'], defaultBridge, context)];
}

function isList(input: NetworkInput | readonly NetworkInput[]): input is readonly NetworkInput[] {
  return Array.isArray(input);
}

function normaliseOne(
  input: NetworkInput,
  index: number,
  path: NodePath,
  defaultBridge: string | undefined,
  context: NormaliseContext,
): DeclaredNetwork {
  const ip = input.ip ?? (input.ip6 === undefined ? 'dhcp' : undefined);
  return definedOnly({
    index,
    name: input.name,
    bridge: input.bridge ?? defaultBridge,
    mac: input.mac,
    vlan: input.vlan,
    mtu: input.mtu,
    model: input.model,
    firewall: input.firewall,
    ipv4: normaliseAddress(ip, input.gw, 'ip', 'gw', path, context),
    ipv6: normaliseAddress(input.ip6, input.gw6, 'ip6', 'gw6', path, context),
    nameservers: [...new Set([...(input.nameserver ?? []), ...(input.nameservers ?? [])])],
    searchDomains: input.searchdomain ?? [],
    position: placeOf(context, path),
  });
}

function normaliseAddress(
  address: string | undefined,
  gateway: string | undefined,
  addressKey: string,
  gatewayKey: string,
  path: NodePath,
  context: NormaliseContext,
): DeclaredAddress | undefined {
  const cidr = address === undefined ? undefined : parseCidr(address);
  if (address === undefined || cidr === undefined) {
    if (gateway !== undefined) {
      reportAt(context, [...path, gatewayKey], {
        severity: 'warning',
        kind: 'conflict',
        message: `The gateway is not used: "${addressKey}" is ${address === undefined ? 'absent' : `"${address}"`}.`,
        hint: `Remove "${gatewayKey}", or give a static address with its prefix.`,
      });
    }
    if (address === 'auto') return { kind: 'auto' };
    return address === undefined ? undefined : { kind: 'dhcp' };
  }
  const role = reservedRole(cidr);
  if (role !== undefined) {
    reportAt(context, [...path, addressKey], {
      kind: 'invalid-value',
      message: `The address is the ${role} address of its own network.`,
      expected: `an address of a host within ${address}`,
      got: JSON.stringify(address),
    });
  }
  if (gateway !== undefined) checkGateway(gateway, cidr, [...path, gatewayKey], context);
  return gateway === undefined ? { kind: 'static', address } : { kind: 'static', address, gateway };
}

function checkGateway(
  gateway: string,
  cidr: NonNullable<ReturnType<typeof parseCidr>>,
  path: NodePath,
  context: NormaliseContext,
): void {
  const full = cidr.family === 4 ? 32 : 128;
  const network = `${cidr.address}/${cidr.prefixLength}`;
  if (isInNetwork(gateway, { ...cidr, prefixLength: full })) {
    reportAt(context, path, {
      kind: 'invalid-value',
      message: 'The gateway is the address of the guest itself.',
      expected: `another address of ${network}`,
      got: JSON.stringify(gateway),
    });
  } else if (cidr.prefixLength < full && !isInNetwork(gateway, cidr) && !/^fe[89ab]/i.test(gateway)) {
    reportAt(context, path, {
      kind: 'invalid-value',
      message: 'The gateway is not in the network of the address.',
      expected: `an address of ${network}`,
      got: JSON.stringify(gateway),
    });
  }
}
