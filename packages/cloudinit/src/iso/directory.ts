import { both16, both32, concat, SECTOR } from './bytes.js';
import { RECORDED_AT } from './rock-ridge.js';

const DIRECTORY_FLAG = 2;

export interface DirectoryRecord {
  /** Identifier as bytes; `[0]` and `[1]` are the directory itself and its parent. */
  readonly identifier: Uint8Array | readonly number[];
  readonly sector: number;
  readonly length: number;
  readonly directory?: boolean;
  /** System use entries, behind the identifier. */
  readonly systemUse?: Uint8Array;
}

/** One directory record (ECMA-119 9.1). Its length is even and under 256 bytes. */
export function encodeRecord(record: DirectoryRecord): Uint8Array {
  const { identifier, systemUse = new Uint8Array(0) } = record;
  const gap = identifier.length % 2 === 0 ? [0] : [];
  const body = concat(
    [0],
    both32(record.sector),
    both32(record.length),
    RECORDED_AT,
    [record.directory === true ? DIRECTORY_FLAG : 0, 0, 0],
    both16(1),
    [identifier.length],
    identifier,
    gap,
    systemUse,
  );
  const filler = body.length % 2 === 0 ? [0] : [];
  const length = 1 + body.length + filler.length;
  if (length > 255) throw new RangeError(`A directory record of ${length} bytes cannot be written.`);
  return concat([length], body, filler);
}

/** Records packed into whole sectors; none crosses a border (ECMA-119 6.8.1.1). */
export function packRecords(records: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let used = 0;
  for (const record of records) {
    const room = SECTOR - (used % SECTOR);
    if (record.length > room) {
      parts.push(new Uint8Array(room));
      used += room;
    }
    parts.push(record);
    used += record.length;
  }
  return concat(...parts, new Uint8Array((SECTOR - (used % SECTOR)) % SECTOR));
}
