import { CloudinitError } from '../cloudinit-error.js';

const MAXIMUM_NAME_BYTES = 100;
const MAXIMUM_JOLIET_UNITS = 62;

/** The three names that a file has on the medium. */
export interface IsoNames {
  /** ISO 9660 level 1: eight upper-case characters, a dot, three more. */
  readonly short: string;
  /** Joliet. */
  readonly joliet: string;
  /** Rock Ridge: the name as given. */
  readonly full: string;
}

/**
 * Names for files of one directory, each kind unique.
 *
 * @throws CloudinitError `CLOUDINIT_ISO` for names that no file can have.
 */
export function nameFiles(names: readonly string[]): readonly IsoNames[] {
  const short = new Set<string>();
  const joliet = new Set<string>();
  const full = new Set<string>();
  return names.map((name) => {
    const bytes = Buffer.byteLength(name, 'utf8');
    if (bytes === 0 || bytes > MAXIMUM_NAME_BYTES || /[/\0]/.test(name) || name === '.' || name === '..') {
      throw refuse(
        `The name ${JSON.stringify(name)} cannot stand on the ISO; expected 1 to ${MAXIMUM_NAME_BYTES} bytes without a slash.`,
      );
    }
    if (full.has(name)) throw refuse(`The name ${JSON.stringify(name)} stands twice.`);
    full.add(name);
    return {
      full: name,
      short: unique(shortName(name), short, 8),
      joliet: unique(jolietName(name), joliet, MAXIMUM_JOLIET_UNITS),
    };
  });
}

function shortName(name: string): string {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot + 1) : '';
  const clean = (text: string, length: number): string =>
    text
      .toUpperCase()
      .replace(/[^A-Z0-9_]/g, '_')
      .slice(0, length);
  return `${clean(stem, 8) || '_'}.${clean(extension, 3)}`;
}

/** Joliet refuses control characters and some signs, and has no characters beyond the basic plane. */
function jolietName(name: string): string {
  return [...name]
    .map((character) => (isJolietCharacter(character) ? character : '_'))
    .join('')
    .slice(0, MAXIMUM_JOLIET_UNITS);
}

function isJolietCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20 && code <= 0xffff && (code < 0xd800 || code > 0xdfff) && !'*/:;?\\'.includes(character);
}

/** Numbers a name until it is free; the number takes the place of the stem's last characters. */
function unique(name: string, taken: Set<string>, stemLength: number): string {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const rest = dot > 0 ? name.slice(dot) : '';
  let candidate = name;
  for (let number = 1; taken.has(candidate.toUpperCase()); number += 1) {
    const digits = String(number);
    candidate = `${stem.slice(0, stemLength - digits.length)}${digits}${rest}`;
  }
  taken.add(candidate.toUpperCase());
  return candidate;
}

function refuse(message: string): CloudinitError {
  return new CloudinitError({ code: 'CLOUDINIT_ISO', message });
}
