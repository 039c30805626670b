import { both16, both32, concat, padded, paddedUcs2, SECTOR } from './bytes.js';
import { encodeRecord } from './directory.js';

export interface VolumeLayout {
  readonly volumeId: string;
  readonly totalSectors: number;
  readonly pathTableLength: number;
  readonly littleEndianPathTable: number;
  readonly bigEndianPathTable: number;
  readonly rootSector: number;
  readonly rootLength: number;
}

const APPLICATION = 'PHOENIX';

/** The primary volume descriptor (ECMA-119 8.4). */
export function primaryDescriptor(layout: VolumeLayout): Uint8Array {
  return descriptor(1, [], padded, layout);
}

/** The supplementary descriptor of Joliet, level 3: names in UCS-2 (ECMA-119 8.5; escape sequence `%/E`). */
export function jolietDescriptor(layout: VolumeLayout): Uint8Array {
  return descriptor(2, [0x25, 0x2f, 0x45], paddedUcs2, layout);
}

/** Ends the list of descriptors (ECMA-119 8.3). */
export function terminator(): Uint8Array {
  return fill(concat([255], Buffer.from('CD001', 'latin1'), [1]));
}

function descriptor(
  type: number,
  escapes: readonly number[],
  text: (value: string, length: number) => Uint8Array,
  layout: VolumeLayout,
): Uint8Array {
  const root = encodeRecord({
    identifier: [0],
    sector: layout.rootSector,
    length: layout.rootLength,
    directory: true,
  });
  const escapeField = new Uint8Array(32);
  escapeField.set(escapes);
  return fill(
    concat(
      [type],
      Buffer.from('CD001', 'latin1'),
      [1, 0],
      text('', 32),
      text(layout.volumeId, 32),
      new Uint8Array(8),
      both32(layout.totalSectors),
      escapeField,
      both16(1),
      both16(1),
      both16(SECTOR),
      both32(layout.pathTableLength),
      littleEndian(layout.littleEndianPathTable),
      new Uint8Array(4),
      bigEndian(layout.bigEndianPathTable),
      new Uint8Array(4),
      root,
      text('', 128),
      text('', 128),
      text(APPLICATION, 128),
      text(APPLICATION, 128),
      text('', 37),
      text('', 37),
      text('', 37),
      date('2000010100000000'),
      date('2000010100000000'),
      date('0000000000000000'),
      date('0000000000000000'),
      [1, 0],
    ),
  );
}

/** Date and time as digits, and the offset from Greenwich (ECMA-119 8.4.26.1). */
function date(digits: string): Uint8Array {
  return concat(Buffer.from(digits, 'latin1'), [0]);
}

function littleEndian(value: number): Uint8Array {
  return both32(value).subarray(0, 4);
}

function bigEndian(value: number): Uint8Array {
  return both32(value).subarray(4);
}

function fill(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(SECTOR - bytes.length));
}

/** Path tables that hold the root alone (ECMA-119 9.4). */
export function rootPathTable(rootSector: number, order: 'little' | 'big'): Uint8Array {
  const little = order === 'little';
  const sector = little ? littleEndian(rootSector) : bigEndian(rootSector);
  return concat([1, 0], sector, little ? [1, 0] : [0, 1], [0, 0]);
}
