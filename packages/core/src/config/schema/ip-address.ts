import { isIPv4, isIPv6 } from 'node:net';

/** An address in CIDR notation, taken apart. */
export interface CidrAddress {
  readonly family: 4 | 6;
  /** As written, without the prefix. */
  readonly address: string;
  readonly prefixLength: number;
}

/** Takes `10.0.0.101/24` or `fd00::2/64` apart; `undefined` for everything else. */
export function parseCidr(text: string): CidrAddress | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1] ?? '';
  const prefixLength = Number(match?.[2]);
  if (isIPv4(address) && prefixLength <= 32) return { family: 4, address, prefixLength };
  if (isIPv6(address) && !address.includes('%') && prefixLength <= 128)
    return { family: 6, address, prefixLength };
  return undefined;
}

/** The bits of an IPv4 or IPv6 address as one number; two spellings of one address give the same. */
export function addressBits(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  let text = address;
  if (tail !== null) {
    const low = addressBits(tail[2] ?? '0.0.0.0');
    text = `${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const [before = '', after] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const rest = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - head.length - rest.length;
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...rest];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** Whether `address` lies in the network of `cidr`. Addresses of the other family never do. */
export function isInNetwork(address: string, cidr: CidrAddress): boolean {
  if ((isIPv4(address) ? 4 : 6) !== cidr.family) return false;
  const width = cidr.family === 4 ? 32 : 128;
  const shift = BigInt(width - cidr.prefixLength);
  return addressBits(address) >> shift === addressBits(cidr.address) >> shift;
}

/** What an address cannot be as the address of a host: the network's own, or its broadcast. */
export function reservedRole(cidr: CidrAddress): 'network' | 'broadcast' | undefined {
  if (cidr.family === 6 || cidr.prefixLength > 30) return undefined;
  const mask = (1n << BigInt(32 - cidr.prefixLength)) - 1n;
  const host = addressBits(cidr.address) & mask;
  if (host === 0n) return 'network';
  return host === mask ? 'broadcast' : undefined;
}
