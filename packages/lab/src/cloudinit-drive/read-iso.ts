const SECTOR = 2048;

/**
 * Reads one file of an ISO 9660 image by its Joliet or Rock Ridge name (path with `/`), or undefined when it is not there or the bytes are no such image.
 */
export function readIsoFile(image: Uint8Array, path: string): Buffer | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const root = findRoot(bytes);
  if (root === undefined) return undefined;
  let extent = root;
  for (const name of path.split('/')) {
    const found = extent.isDirectory
      ? entries(bytes, extent, root.joliet).find((entry) => entry.name === name)
      : undefined;
    if (found === undefined) return undefined;
    extent = { ...found, joliet: root.joliet };
  }
  return extent.isDirectory ? undefined : Buffer.from(bytes.subarray(extent.at, extent.at + extent.length));
}

/** The volume label of an ISO 9660 image; undefined when the bytes are none. */
export function readIsoLabel(image: Uint8Array): string | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (bytes.length < 17 * SECTOR || bytes.toString('latin1', 16 * SECTOR + 1, 16 * SECTOR + 6) !== 'CD001')
    return undefined;
  return bytes.toString('latin1', 16 * SECTOR + 40, 16 * SECTOR + 72).trimEnd();
}

interface Extent {
  readonly at: number;
  readonly length: number;
  readonly isDirectory: boolean;
  readonly joliet: boolean;
}

function findRoot(bytes: Buffer): Extent | undefined {
  let primary: Extent | undefined;
  for (let sector = 16; (sector + 1) * SECTOR <= bytes.length; sector++) {
    const at = sector * SECTOR;
    if (bytes.toString('latin1', at + 1, at + 6) !== 'CD001' || bytes[at] === 255) break;
    const extent = {
      at: bytes.readUInt32LE(at + 158) * SECTOR,
      length: bytes.readUInt32LE(at + 166),
      isDirectory: true,
    };
    if (bytes[at] === 1) primary = { ...extent, joliet: false };
    if (bytes[at] === 2 && /^%\/[@CE]/.test(bytes.toString('latin1', at + 88, at + 91)))
      return { ...extent, joliet: true };
  }
  return primary;
}

function entries(
  bytes: Buffer,
  directory: Extent,
  joliet: boolean,
): (Omit<Extent, 'joliet'> & { name: string })[] {
  const found: (Omit<Extent, 'joliet'> & { name: string })[] = [];
  const end = directory.at + directory.length;
  for (let at = directory.at; at < end && at + 34 <= bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const nameLength = bytes[at + 32] ?? 0;
    const raw = bytes.subarray(at + 33, at + 33 + nameLength);
    const systemUse = bytes.subarray(at + 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0), at + length);
    const name = joliet
      ? Buffer.from(raw.subarray(0, raw.length & ~1))
          .swap16()
          .toString('utf16le')
          .replace(/;1$/, '')
      : (rockRidgeName(systemUse) ??
        raw
          .toString('latin1')
          .replace(/\.?;1$/, '')
          .toLowerCase());
    found.push({
      name,
      at: bytes.readUInt32LE(at + 2) * SECTOR,
      length: bytes.readUInt32LE(at + 10),
      isDirectory: ((bytes[at + 25] ?? 0) & 2) !== 0,
    });
    at += length;
  }
  return found;
}

function rockRidgeName(systemUse: Buffer): string | undefined {
  let name: string | undefined;
  for (let at = 0; at + 4 <= systemUse.length; ) {
    const length = systemUse[at + 2] ?? 0;
    if (length < 4) break;
    if (systemUse.toString('latin1', at, at + 2) === 'NM')
      name = (name ?? '') + systemUse.toString('utf8', at + 5, at + length);
    at += length;
  }
  return name;
}
