import { concat, SECTOR, sectorsFor, ucs2 } from './bytes.js';
import { type DirectoryRecord, encodeRecord, packRecords } from './directory.js';
import { type IsoNames, nameFiles } from './iso-names.js';
import {
  alternateName,
  continuation,
  extensionsReference,
  posixAttributes,
  sharingProtocol,
  timeStamps,
} from './rock-ridge.js';
import {
  jolietDescriptor,
  primaryDescriptor,
  rootPathTable,
  terminator,
  type VolumeLayout,
} from './volume-descriptor.js';

export interface IsoFile {
  /** 1 to 100 bytes of UTF-8, no slash. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface IsoOptions {
  /** Label of the volume; up to 16 characters, kept as written. */
  readonly volumeId: string;
  readonly files: readonly IsoFile[];
}

interface PlacedFile extends IsoNames {
  readonly sector: number;
  readonly length: number;
}

const SYSTEM_AREA = 16;
const [PRIMARY_TABLES, JOLIET_TABLES, FIRST_DIRECTORY] = [19, 21, 23];
const PATH_TABLE_LENGTH = 10;

/**
 * An ISO 9660 image (level 1) of one directory, with Joliet and Rock Ridge names; source: ECMA-119, SUSP and RRIP 1.09,
 * the Joliet specification. The same files in the same order give the same bytes: there are no clocks in it.
 *
 * @throws CloudinitError `CLOUDINIT_ISO` for names that cannot be written.
 */
export function writeIso({ volumeId, files }: IsoOptions): Uint8Array {
  const names = nameFiles(files.map((file) => file.name));
  // Sizes of directories do not depend on where things lie, so a first pass with zeros measures them.
  const unplaced = names.map((name, index) => ({
    ...name,
    sector: 0,
    length: files[index]?.content.length ?? 0,
  }));
  const primaryLength = primaryDirectory(unplaced, 0, 0, 0).length;
  const jolietLength = jolietDirectory(unplaced, 0, 0).length;

  const primarySector = FIRST_DIRECTORY;
  const jolietSector = primarySector + sectorsFor(primaryLength);
  const continuationSector = jolietSector + sectorsFor(jolietLength);
  let next = continuationSector + 1;
  const placed = unplaced.map((file): PlacedFile => {
    const sector = next;
    next += sectorsFor(file.length);
    return { ...file, sector };
  });

  const volume = (rootSector: number, rootLength: number, tables: number): VolumeLayout => ({
    volumeId,
    totalSectors: next,
    pathTableLength: PATH_TABLE_LENGTH,
    littleEndianPathTable: tables,
    bigEndianPathTable: tables + 1,
    rootSector,
    rootLength,
  });
  return concat(
    new Uint8Array(SYSTEM_AREA * SECTOR),
    primaryDescriptor(volume(primarySector, primaryLength, PRIMARY_TABLES)),
    jolietDescriptor(volume(jolietSector, jolietLength, JOLIET_TABLES)),
    terminator(),
    wholeSectors(rootPathTable(primarySector, 'little')),
    wholeSectors(rootPathTable(primarySector, 'big')),
    wholeSectors(rootPathTable(jolietSector, 'little')),
    wholeSectors(rootPathTable(jolietSector, 'big')),
    primaryDirectory(placed, primarySector, primaryLength, continuationSector),
    jolietDirectory(placed, jolietSector, jolietLength),
    wholeSectors(extensionsReference()),
    ...files.map((file) => wholeSectors(file.content)),
  );
}

function wholeSectors(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(sectorsFor(bytes.length) * SECTOR - bytes.length));
}

function primaryDirectory(
  files: readonly PlacedFile[],
  sector: number,
  length: number,
  more: number,
): Uint8Array {
  const attributes = concat(posixAttributes('directory'), timeStamps());
  const self = concat(sharingProtocol(), attributes, continuation(more, extensionsReference().length));
  return directory(sector, length, self, attributes, files, (file) => ({
    identifier: Buffer.from(`${file.short};1`, 'latin1'),
    sector: file.sector,
    length: file.length,
    systemUse: concat(posixAttributes('file'), timeStamps(), alternateName(file.full)),
  }));
}

function jolietDirectory(files: readonly PlacedFile[], sector: number, length: number): Uint8Array {
  const none = new Uint8Array(0);
  return directory(sector, length, none, none, files, (file) => ({
    identifier: ucs2(`${file.joliet};1`),
    sector: file.sector,
    length: file.length,
  }));
}

function directory(
  sector: number,
  length: number,
  self: Uint8Array,
  parent: Uint8Array,
  files: readonly PlacedFile[],
  recordOf: (file: PlacedFile) => DirectoryRecord,
): Uint8Array {
  const own = { sector, length, directory: true };
  const records = files
    .map(recordOf)
    .sort((left, right) => Buffer.compare(Buffer.from(left.identifier), Buffer.from(right.identifier)));
  return packRecords([
    encodeRecord({ ...own, identifier: [0], systemUse: self }),
    encodeRecord({ ...own, identifier: [1], systemUse: parent }),
    ...records.map(encodeRecord),
  ]);
}
