import type { GuestKind } from '../guests/guest-ref.js';
import { equalProperties, parsePropertyString } from './property-string.js';
import { shapeOfSetting } from './shape-of-setting.js';
import { parseSshKeys } from './ssh-keys.js';
import { equalTags } from './tags.js';

/**
 * Whether a setting as declared is the setting as PVE returns it, for any key: property strings by their meaning, tags as sets, keys
 * by their lines, descriptions without the newline that containers get, numbers and booleans by value (`'1'`, `1` and `true` are one).
 * Absent and `undefined` are the same, and nothing else is the same as absent.
 */
export function equalSettings(kind: GuestKind, key: string, declared: unknown, actual: unknown): boolean {
  if (declared === undefined || actual === undefined) return declared === actual;
  const wanted = scalar(declared);
  const found = scalar(actual);
  if (wanted === found) return true;
  if (key === 'tags') return equalTags(wanted, found);
  if (key === 'sshkeys') return sameLines(wanted, found);
  if (key === 'description') return wanted.trimEnd() === found.trimEnd();
  if (/^-?[\d.]+$/.test(wanted) && /^-?[\d.]+$/.test(found)) return Number(wanted) === Number(found);
  const shape = shapeOfSetting(kind, key);
  if (!shape) return false;
  try {
    return equalProperties(shape, parsePropertyString(shape, wanted), parsePropertyString(shape, found));
  } catch {
    return false;
  }
}

function scalar(value: unknown): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function sameLines(a: string, b: string): boolean {
  try {
    return parseSshKeys(a).join('\n') === parseSshKeys(b).join('\n');
  } catch {
    return false;
  }
}
