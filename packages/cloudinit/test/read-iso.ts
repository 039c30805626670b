/** A file as one of the three kinds of names shows it. */
export interface IsoEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface IsoContents {
  readonly volumeId: string;
  readonly jolietVolumeId: string;
  readonly totalSectors: number;
  readonly short: readonly IsoEntry[];
  readonly joliet: readonly IsoEntry[];
  readonly rockRidge: readonly IsoEntry[];
}

/** Reads an ISO image of one directory, written without a look at the writer: from ECMA-119, Joliet and RRIP. */
export function readIso(image: Uint8Array): IsoContents {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const latin = (at: number, length: number): string =>
    Buffer.from(image.subarray(at, at + length)).toString('latin1');
  const wide = (at: number, length: number): string =>
    Buffer.from(image.subarray(at, at + length))
      .swap16()
      .toString('utf16le');
  let [primary, joliet] = [-1, -1];
  for (let at = 16 * 2048; ; at += 2048) {
    if (latin(at + 1, 5) !== 'CD001') throw new Error(`no descriptor at ${at}`);
    if (image[at] === 255) break;
    if (image[at] === 1) primary = at;
    if (image[at] === 2 && latin(at + 88, 3) === '%/E') joliet = at;
  }
  const numbers = (at: number): number => {
    const little = view.getUint32(at, true);
    if (little !== view.getUint32(at + 4, false)) throw new Error(`the two orders differ at ${at}`);
    return little;
  };
  const records = (
    descriptor: number,
  ): { identifier: Uint8Array; content: Uint8Array; systemUse: Uint8Array }[] => {
    const [start, length] = [numbers(descriptor + 156 + 2) * 2048, numbers(descriptor + 156 + 10)];
    const found = [];
    for (let at = start; at < start + length; ) {
      const size = image[at] ?? 0;
      if (size === 0) {
        at = (Math.floor(at / 2048) + 1) * 2048;
        continue;
      }
      if (Math.floor(at / 2048) !== Math.floor((at + size - 1) / 2048))
        throw new Error('a record crosses a sector');
      const identifierLength = image[at + 32] ?? 0;
      const [extent, bytes] = [numbers(at + 2) * 2048, numbers(at + 10)];
      const use = at + 33 + identifierLength + (identifierLength % 2 === 0 ? 1 : 0);
      found.push({
        identifier: image.subarray(at + 33, at + 33 + identifierLength),
        content: image.subarray(extent, extent + bytes),
        systemUse: image.subarray(use, at + size),
      });
      at += size;
    }
    return found.slice(2);
  };
  const alternate = (use: Uint8Array): string => {
    for (let at = 0; at + 4 <= use.length; at += use[at + 2] ?? 0) {
      if (use[at] === 0x4e && use[at + 1] === 0x4d)
        return Buffer.from(use.subarray(at + 5, at + (use[at + 2] ?? 0))).toString('utf8');
      if ((use[at + 2] ?? 0) === 0) break;
    }
    throw new Error('no NM entry');
  };
  const own = records(primary);
  return {
    volumeId: latin(primary + 40, 32).trimEnd(),
    jolietVolumeId: wide(joliet + 40, 32).trimEnd(),
    totalSectors: numbers(primary + 80),
    short: own.map(({ identifier, content }) => ({
      name: Buffer.from(identifier).toString('latin1').replace(/;1$/, ''),
      content,
    })),
    joliet: records(joliet).map(({ identifier, content }) => ({
      name: Buffer.from(identifier).swap16().toString('utf16le').replace(/;1$/, ''),
      content,
    })),
    rockRidge: own.map(({ systemUse, content }) => ({ name: alternate(systemUse), content })),
  };
}
