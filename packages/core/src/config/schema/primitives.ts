import { isIP, isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { JsonValue } from '../model.js';
import { parseCidr } from './ip-address.js';

const IDENTIFIER_RANGE = { minimum: 100, maximum: 999_999_999 };

/** An id of a guest as a number. */
export const GuestId = z
  .int()
  .min(IDENTIFIER_RANGE.minimum)
  .max(IDENTIFIER_RANGE.maximum)
  .meta({ description: 'Id of a guest, 100 to 999999999; one id space for machines and containers.' });

/** An id where the first users wrote either `8000` or `"8000"`. */
export const GuestReference = z
  .union([GuestId, z.string().regex(/^[1-9]\d{2,8}$/, 'a guest id, 100 to 999999999')])
  .transform(Number)
  .meta({ description: 'Id of another guest; a number, or the number as a string.' });

export const GuestName = z
  .string()
  .max(253)
  .regex(
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    'a DNS name: letters, digits and hyphens, such as docker-vm-01',
  );

export const NonEmpty = z.string().min(1);

/** Names that Proxmox VE gives to storages, pools, bridges, nodes and snapshots. */
export const StorageName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, 'the name of a storage, such as local-lvm');
export const BridgeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/, 'the name of a bridge or virtual network, such as vmbr0');
export const NodeName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/, 'the name of a node, without a domain');
export const PoolName = z
  .string()
  .regex(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,2}$/, 'the name of a resource pool');
export const SnapshotName = z
  .string()
  .min(2)
  .max(40)
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]*$/,
    'the name of a snapshot: a letter, then letters, digits, hyphens and underscores',
  );
export const TagName = z
  .string()
  .max(124)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_\-+.]*$/, 'a tag: letters, digits and _ - + .');
export const MacAddress = z
  .string()
  .regex(/^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/, 'a MAC address such as 52:54:00:12:34:56')
  .refine(
    (mac) => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0,
    'a unicast MAC address: its first octet is even',
  )
  .transform((mac) => mac.toLowerCase());

export const Ipv4Address = z.string().refine(isIPv4, 'an IPv4 address such as 10.0.0.1');
export const Ipv6Address = z.string().refine(isIPv6, 'an IPv6 address such as fd00::1');
/** `dhcp`, or an IPv4 address in CIDR notation. */
export const Ipv4Setting = z
  .string()
  .refine(
    (text) => text === 'dhcp' || parseCidr(text)?.family === 4,
    'dhcp, or an address with its prefix such as 10.0.0.101/24',
  );
export const Ipv6Setting = z
  .string()
  .refine(
    (text) => text === 'dhcp' || text === 'auto' || parseCidr(text)?.family === 6,
    'dhcp, auto, or an address with its prefix such as fd00::2/64',
  );

/** One or several, written as an array or as one string with blanks or commas between. */
export const WordList = z.union([
  z.array(NonEmpty),
  z.string().transform((text) => text.split(/[\s,;]+/).filter((word) => word !== '')),
]);

export const AddressList = WordList.refine(
  (list) => list.every((address) => isIP(address) !== 0),
  'IP addresses, such as 10.0.0.13',
);

/** Seconds, or a duration such as `90s`, `5m`, `1h`; in milliseconds once read. */
export const Duration = z
  .union([
    z.number().positive().max(604_800),
    z.string().regex(/^\d+(?:\.\d+)?(?:ms|s|m|h)$/, 'seconds, or a duration such as 90s, 5m or 1h'),
  ])
  .transform((value) => (typeof value === 'number' ? value * 1000 : parseDuration(value)))
  .meta({ description: 'Seconds, or a duration such as "90s", "5m", "1h".' });

function parseDuration(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? 's';
  const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 1000;
  return Number.parseFloat(text) * milliseconds;
}

/** JSON of any shape. */
export const Json: z.ZodType<JsonValue> = z.json();
export const JsonRecord = z.record(z.string(), Json);

/** A secret by reference. */
export const Secret = z
  .strictObject({
    $secret: z
      .string()
      .regex(
        /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|cmd:.+)$/s,
        'env:NAME, file:path or cmd:program arguments',
      )
      .meta({
        description:
          'Where the secret is: `env:NAME`, `file:path` (relative to this file) or `cmd:program arguments`.',
      }),
  })
  .meta({ description: 'A secret that is named, not written down. It is read last and never shown.' });

/** Text, or a reference to a secret. */
export const SecretText = z.union([z.string(), Secret]);
