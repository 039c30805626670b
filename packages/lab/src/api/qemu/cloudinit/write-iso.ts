/** A file of an image, by its path (`openstack/latest/user_data`). */
export interface IsoFile {
  readonly path: string;
  readonly content: Uint8Array;
}

interface Directory {
  readonly name: string;
  readonly parent: Directory | undefined;
  readonly directories: Directory[];
  readonly files: { name: string; content: Uint8Array; sector: number }[];
  sector: number;
}

const sectorBytes = 2048;

/**
 * Writes an ISO9660 image with Rock Ridge names, as genisoimage makes PVE's cloud-init drives. Names keep their case; directories hold at most
 * one sector of entries.
 *
 * @param label The volume label: `cidata`, `config-2`, `CONTEXT`.
 */
export function writeIso(label: string, files: readonly IsoFile[]): Uint8Array {
  const root: Directory = { name: '', parent: undefined, directories: [], files: [], sector: 0 };
  for (const file of files) addFile(root, file);
  const all = listDirectories(root);
  let sector = 20;
  for (const directory of all) directory.sector = sector++;
  for (const directory of all) {
    for (const file of directory.files) {
      file.sector = sector;
      sector += Math.max(1, Math.ceil(file.content.length / sectorBytes));
    }
  }
  const image = new Uint8Array(sector * sectorBytes);
  image.set(primaryDescriptor(label, sector, root), 16 * sectorBytes);
  image.set([255, ...ascii('CD001'), 1], 17 * sectorBytes);
  image.set(pathTable(all, true), 18 * sectorBytes);
  image.set(pathTable(all, false), 19 * sectorBytes);
  for (const directory of all) {
    image.set(directorySector(directory), directory.sector * sectorBytes);
    for (const file of directory.files) image.set(file.content, file.sector * sectorBytes);
  }
  return image;
}

function addFile(root: Directory, file: IsoFile): void {
  const names = file.path.split('/');
  const name = names.pop() ?? '';
  let directory = root;
  for (const part of names) {
    let next = directory.directories.find((candidate) => candidate.name === part);
    if (next === undefined) {
      next = { name: part, parent: directory, directories: [], files: [], sector: 0 };
      directory.directories.push(next);
    }
    directory = next;
  }
  directory.files.push({ name, content: file.content, sector: 0 });
}

function listDirectories(root: Directory): Directory[] {
  const all = [root];
  for (const directory of all) all.push(...directory.directories);
  return all;
}

const ascii = (text: string) => [...Buffer.from(text, 'latin1')];
const both32 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return [...bytes];
};
const both16 = (value: number) => [value & 0xff, value >> 8, value >> 8, value & 0xff];
const dateBytes = [70, 1, 1, 0, 0, 0, 0];

function isoName(name: string): string {
  const [stem = '', extension = ''] = name.toUpperCase().replace(/[^A-Z0-9.]/g, '_').split('.');
  return `${stem.slice(0, 8)}.${extension.slice(0, 3)};1`;
}

function record(name: readonly number[], sector: number, bytes: number, flags: number, system: readonly number[]): number[] {
  const nameField = name.length % 2 === 0 ? [...name, 0] : [...name];
  const length = 33 + nameField.length + system.length;
  const padding = length % 2;
  return [
    length + padding,
    0,
    ...both32(sector),
    ...both32(bytes),
    ...dateBytes,
    flags,
    0,
    0,
    ...both16(1),
    name.length,
    ...nameField,
    ...system,
    ...Array<number>(padding).fill(0),
  ];
}

/** Rock Ridge: the name (NM) and the mode (PX). */
function rockRidge(name: string, directory: boolean): number[] {
  const px = [...ascii('PX'), 36, 1, ...both32(directory ? 0o40555 : 0o100444), ...both32(1), ...both32(0), ...both32(0)];
  return name === '' ? px : [...px, ...ascii('NM'), 5 + Buffer.byteLength(name), 1, 0, ...Buffer.from(name)];
}

function directorySector(directory: Directory): Uint8Array {
  const parent = directory.parent ?? directory;
  const sharing = directory.parent === undefined ? [...ascii('SP'), 7, 1, 0xbe, 0xef, 0] : [];
  const bytes = [
    ...record([0], directory.sector, sectorBytes, 2, [...sharing, ...rockRidge('', true)]),
    ...record([1], parent.sector, sectorBytes, 2, rockRidge('', true)),
  ];
  const entries = [
    ...directory.directories.map((child) => ({ iso: child.name.toUpperCase().replace(/[^A-Z0-9]/g, '_').slice(0, 8), child })),
    ...directory.files.map((file) => ({ iso: isoName(file.name), file })),
  ].sort((left, right) => (left.iso < right.iso ? -1 : 1));
  for (const entry of entries) {
    if ('child' in entry) bytes.push(...record(ascii(entry.iso), entry.child.sector, sectorBytes, 2, rockRidge(entry.child.name, true)));
    else bytes.push(...record(ascii(entry.iso), entry.file.sector, entry.file.content.length, 0, rockRidge(entry.file.name, false)));
  }
  return Uint8Array.from(bytes);
}

function pathTable(all: readonly Directory[], little: boolean): Uint8Array {
  const bytes: number[] = [];
  for (const directory of all) {
    const name = directory.parent === undefined ? [0] : ascii(directory.name.toUpperCase().replace(/[^A-Z0-9]/g, '_').slice(0, 8));
    const sector = both32(directory.sector);
    const parent = directory.parent === undefined ? 1 : all.indexOf(directory.parent) + 1;
    bytes.push(name.length, 0, ...(little ? sector.slice(0, 4) : sector.slice(4)), ...(little ? [parent & 0xff, parent >> 8] : [parent >> 8, parent & 0xff]));
    bytes.push(...name, ...(name.length % 2 === 1 ? [0] : []));
  }
  return Uint8Array.from(bytes);
}

function primaryDescriptor(label: string, sectors: number, root: Directory): Uint8Array {
  const bytes = new Uint8Array(sectorBytes).fill(0);
  const text = (offset: number, length: number, value: string) => bytes.set(ascii(value.padEnd(length).slice(0, length)), offset);
  bytes.set([1, ...ascii('CD001'), 1], 0);
  text(8, 32, 'LINUX');
  text(40, 32, label);
  bytes.set(both32(sectors), 80);
  bytes.set(both16(1), 120);
  bytes.set(both16(1), 124);
  bytes.set(both16(sectorBytes), 128);
  bytes.set(both32(pathTable(listDirectories(root), true).length), 132);
  bytes.set(both32(18).slice(0, 4), 140);
  bytes.set(both32(19).slice(4), 148);
  bytes.set(record([0], root.sector, sectorBytes, 2, []), 156);
  text(190, 623, '');
  for (const offset of [813, 830, 847, 864]) text(offset, 16, '0'.repeat(16));
  bytes[881] = 1;
  return bytes;
}
