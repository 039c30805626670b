/** One entry of a tar archive. */
export interface TarEntry {
  /** Without a leading `./` or `/`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  readonly mode: number;
  readonly linkTarget: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;

/**
 * The entries of a POSIX tar (ustar, with GNU and pax long names), in order.
 * @throws Error for bytes that are no tar.
 */
export function* readTar(bytes: Uint8Array): Generator<TarEntry> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  let longName: string | undefined;
  let longLink: string | undefined;
  while (offset + BLOCK <= buffer.length) {
    const header = buffer.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (header.subarray(257, 262).toString('latin1') !== 'ustar')
      throw new Error('This does not look like a tar archive');
    const size = octal(header, 124, 12);
    const content = buffer.subarray(offset + BLOCK, offset + BLOCK + size);
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header.readUInt8(156));
    if (type === 'L') longName = text(content);
    else if (type === 'K') longLink = text(content);
    else if (type === 'x') {
      const records = paxRecords(content);
      longName = records.path ?? longName;
      longLink = records.linkpath ?? longLink;
    } else if (type !== 'g') {
      const prefix = text(header.subarray(345, 500));
      const name = text(header.subarray(0, 100));
      yield {
        path: (longName ?? (prefix === '' ? name : `${prefix}/${name}`))
          .replace(/^(\.?\/)+/, '')
          .replace(/\/+$/, ''),
        kind: kinds[type] ?? 'other',
        mode: octal(header, 100, 8),
        linkTarget: longLink ?? text(header.subarray(157, 257)),
        content,
      };
      longName = undefined;
      longLink = undefined;
    }
  }
}

const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}

function octal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(text(header.subarray(start, start + length)).trim() || '0', 8);
}

function paxRecords(content: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  let offset = 0;
  while (offset < content.length) {
    const space = content.indexOf(32, offset);
    const length = Number(content.subarray(offset, space).toString('latin1'));
    if (space < 0 || !(length > 0)) break;
    const [key = '', ...value] = content
      .subarray(space + 1, offset + length - 1)
      .toString('utf8')
      .split('=');
    records[key] = value.join('=');
    offset += length;
  }
  return records;
}
