import { both32, concat } from './bytes.js';

/** 2000-01-01 00:00:00 UTC, so that equal files give equal bytes (ECMA-119 9.1.5). */
export const RECORDED_AT: readonly number[] = [100, 1, 1, 0, 0, 0, 0];

const FILE_MODE = 0o100444;
const DIRECTORY_MODE = 0o040555;

function entry(signature: string, body: Uint8Array | readonly number[]): Uint8Array {
  return concat(Buffer.from(signature, 'latin1'), [4 + body.length, 1], body);
}

/** Says that system use entries follow (SUSP 5.3); only in the root's own record. */
export function sharingProtocol(): Uint8Array {
  return entry('SP', [0xbe, 0xef, 0]);
}

/** Mode, links and owner (RRIP 4.1.1, the form of 1991). */
export function posixAttributes(kind: 'file' | 'directory'): Uint8Array {
  const directory = kind === 'directory';
  return entry(
    'PX',
    concat(both32(directory ? DIRECTORY_MODE : FILE_MODE), both32(directory ? 2 : 1), both32(0), both32(0)),
  );
}

/** Times of modification, access and change (RRIP 4.1.6). */
export function timeStamps(): Uint8Array {
  return entry('TF', [0x0e, ...RECORDED_AT, ...RECORDED_AT, ...RECORDED_AT]);
}

/** The file's name in UTF-8 (RRIP 4.1.4). */
export function alternateName(name: string): Uint8Array {
  return entry('NM', concat([0], Buffer.from(name, 'utf8')));
}

/** Where more system use entries stand (SUSP 5.1). */
export function continuation(sector: number, length: number): Uint8Array {
  return entry('CE', concat(both32(sector), both32(0), both32(length)));
}

const IDENTIFIER = 'RRIP_1991A';
const DESCRIPTOR = 'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS';
const SOURCE =
  'PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.';

/** Names the extension in use (SUSP 5.5, RRIP 4.3); too long for a directory record, so it is continued. */
export function extensionsReference(): Uint8Array {
  return entry(
    'ER',
    concat(
      [IDENTIFIER.length, DESCRIPTOR.length, SOURCE.length, 1],
      Buffer.from(IDENTIFIER + DESCRIPTOR + SOURCE, 'latin1'),
    ),
  );
}
