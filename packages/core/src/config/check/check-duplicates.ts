import type { ConfigProblem, SourcePosition } from '../config-problem.js';
import type { DeclaredGuest, DeclaredNetwork } from '../model.js';
import { addressBits, parseCidr } from '../schema/ip-address.js';

/** Ids, names, addresses and MAC addresses that stand twice. */
export function checkDuplicates(guests: readonly DeclaredGuest[]): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];

  for (const [first, second] of pairs(guests, (guest) => String(guest.vmid))) {
    problems.push({
      ...placeIn(second, second.kind === 'machine' ? 'vmid' : ''),
      severity: 'error',
      kind: 'duplicate',
      path: [],
      message: `The id ${second.vmid} is declared twice.`,
      hint: `${label(first)} stands at ${spot(first.position)}; machines and containers share one id space.`,
    });
  }
  for (const [first, second] of pairs(guests, (guest) => guest.name.toLowerCase())) {
    if (first.vmid === second.vmid) continue;
    problems.push({
      ...placeIn(second, 'name'),
      severity: 'warning',
      kind: 'duplicate',
      path: [],
      message: `The name ${JSON.stringify(second.name)} is used twice.`,
      hint: `${label(first)} at ${spot(first.position)} has it too; their host names will clash.`,
    });
  }
  const interfaces = guests.flatMap((guest) => guest.networks.map((network) => ({ guest, network })));
  const withMac = interfaces.filter(({ network }) => network.mac !== undefined);
  for (const [first, second] of pairs(withMac, ({ network }) => network.mac ?? '')) {
    problems.push({
      ...second.network.position,
      severity: 'error',
      kind: 'duplicate',
      path: [],
      message: `The MAC address ${second.network.mac} is used twice.`,
      hint: `${label(first.guest)} at ${spot(first.network.position)} has it too.`,
    });
  }
  for (const family of ['ipv4', 'ipv6'] as const) {
    const withAddress = interfaces.filter(({ network }) => addressKey(network, family) !== undefined);
    for (const [first, second] of pairs(withAddress, ({ network }) => addressKey(network, family) ?? '')) {
      // A template gives its address up when it is done, and lends it to no one meanwhile.
      const template = first.guest.isTemplate || second.guest.isTemplate;
      const declared = second.network[family];
      problems.push({
        ...second.network.position,
        severity: template ? 'warning' : 'error',
        kind: 'duplicate',
        path: [],
        message: `The address ${declared?.kind === 'static' ? declared.address : ''} is used twice on one network.`,
        hint: `${label(first.guest)} at ${spot(first.network.position)} has it too.`,
      });
    }
  }
  return problems;
}

function addressKey(network: DeclaredNetwork, family: 'ipv4' | 'ipv6'): string | undefined {
  const declared = network[family];
  const cidr = declared?.kind === 'static' ? parseCidr(declared.address) : undefined;
  if (cidr === undefined) return undefined;
  return `${network.bridge ?? ''} ${network.vlan ?? ''} ${addressBits(cidr.address)}`;
}

/** Each later item with the first one of the same key. */
function pairs<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, T])[] {
  const first = new Map<string, T>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, item);
      return [];
    }
    return [[earlier, item] as const];
  });
}

function label(guest: DeclaredGuest): string {
  return `${guest.kind === 'machine' ? 'Machine' : 'Container'} ${guest.vmid} (${guest.name})`;
}

function spot(position: SourcePosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}

function placeIn(guest: DeclaredGuest, key: string): SourcePosition {
  return guest.positions[key] ?? guest.position;
}
