import type { RawValue } from '../schema/verify-parameters.js';
import { PveError } from './pve-error.js';

/** Parameters before verification, in the order received. */
export type RawParameters = Record<string, RawValue>;

/**
 * Decodes a query string or form as pveproxy does: pairs split at `&` and `;`, a value ends at a second `=`, repeated keys become a list, `_dc` is dropped
 * (pve-http-server, AnyEvent.pm decode_urlencoded).
 */
export function decodeForm(text: string): RawParameters {
  const values: RawParameters = {};
  for (const pair of text.split(/[&;]/)) {
    const [rawKey = '', rawValue] = pair.split('=');
    if (rawKey === '' && rawValue === undefined) continue;
    const key = unescape8(rawKey).toString('latin1');
    if (key === '_dc') continue;
    const value = rawValue === undefined ? '' : unescape8(rawValue).toString('utf8');
    const earlier = values[key];
    if (earlier === undefined) values[key] = value;
    else values[key] = Array.isArray(earlier) ? [...earlier, value] : [earlier, value];
  }
  return values;
}

/** Percent-decoding with `+` for blanks. */
function unescape8(text: string): Buffer {
  if (!/[%+]/.test(text)) return Buffer.from(text, 'utf8');
  const bytes: number[] = [];
  const source = Buffer.from(text, 'utf8');
  for (let index = 0; index < source.length; index += 1) {
    const byte = source[index] ?? 0;
    const hex = byte === 0x25 ? source.subarray(index + 1, index + 3).toString('latin1') : '';
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else bytes.push(byte === 0x2b ? 0x20 : byte);
  }
  return Buffer.from(bytes);
}

/** Source lines that Perl's messages name, by release. */
const LINES = { '8.4': { parse: 917, merge: 957 }, '9.2': { parse: 934, merge: 978 } } as const;

/** Decodes a JSON body. @throws PveError 500 with the text of Perl's parser, without an envelope. */
export function decodeJson(text: string, release: '8.4' | '9.2'): RawParameters {
  const at = (line: number) => `at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line ${line}.`;
  const fail = (message: string) => new PveError(500, message, { plainBody: `${message}\n` });
  let value: RawValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const offset = errorOffset(text, error);
    const left = text.slice(offset, offset + 20);
    const before = left === '' ? '(end of string)' : left;
    const expected = /^\s*\{\s*$/.test(text.slice(0, offset))
      ? `'"' expected`
      : 'malformed JSON string, neither tag, array, object, number, string or atom';
    throw fail(`${expected}, at character offset ${offset} (before "${before}") ${at(LINES[release].parse)}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw fail(`Not a HASH reference ${at(LINES[release].merge)}`);
  return value;
}

/** Where a JSON text stops making sense, by what the engine's own parser says. */
function errorOffset(text: string, error: unknown): number {
  const told = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return told === undefined ? text.length : Number(told);
}
