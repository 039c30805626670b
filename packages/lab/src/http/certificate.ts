import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';

/** A private key and its self-signed certificate. */
export interface Certificate {
  readonly keyPem: string;
  readonly certPem: string;
  /** SHA-256 of the certificate in PVE's notation: upper-case hex pairs, colons. */
  readonly fingerprint: string;
}

const DAY_MS = 86_400_000;

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';

/**
 * A fresh EC P-256 key with a self-signed certificate for these host names and addresses (X.509, RFC 5280), made without any program: node:crypto signs,
 * the DER is written here. Valid from a day ago for ten years.
 */
export function createCertificate(
  commonName: string,
  names: readonly string[],
  nowMs: number = Date.now(),
): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const subject = sequence(
    set(sequence(oid(ORGANIZATION), utf8('PVE Lab'))),
    set(sequence(oid(COMMON_NAME), utf8(commonName))),
  );
  const serial = randomBytes(9);
  serial[0] = 0x01;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    subject,
    sequence(time(nowMs - DAY_MS), time(nowMs + 3650 * DAY_MS)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      0xa3,
      sequence(
        sequence(
          oid(BASIC_CONSTRAINTS),
          element(0x01, Buffer.from([0xff])),
          octets(sequence(element(0x01, Buffer.from([0xff])))),
        ),
        sequence(oid(SUBJECT_ALT_NAME), octets(sequence(...names.map(alternativeName)))),
      ),
    ),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, algorithm, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const base64 = der
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certPem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    fingerprint: fingerprintOf(der),
  };
}

function fingerprintOf(der: Buffer): string {
  const digest = createHash('sha256').update(der).digest('hex').toUpperCase();
  return digest.replace(/(..)(?=.)/g, '$1:');
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

const sequence = (...parts: readonly Buffer[]) => element(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]) => element(0x31, Buffer.concat(parts));
const tagged = (tag: number, content: Buffer) => element(tag, content);
const integer = (value: Buffer) => element(0x02, value);
const octets = (content: Buffer) => element(0x04, content);
const utf8 = (text: string) => element(0x0c, Buffer.from(text));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let value = part >> 7; value > 0; value >>= 7) groups.unshift((value & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}

/** GeneralizedTime from 2050 on, UTCTime before (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  return new Date(ms).getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(text.slice(2)))
    : element(0x18, Buffer.from(text));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 0) return element(0x82, Buffer.from(name));
  return element(0x87, isIPv6(name) ? ipv6Bytes(name) : Buffer.from(name.split('.').map(Number)));
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(tail);
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
