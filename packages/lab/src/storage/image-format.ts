/** What the first bytes of a file say it is. */
export interface ImageKind {
  readonly format: 'qcow2' | 'vmdk' | 'raw';
  /** Virtual size of a qcow2 or vmdk image; the file's size for raw bytes. */
  readonly sizeBytes: number;
  /** The name of a backing file that the header refers to. */
  readonly backingFile?: string;
  /** Data is in another file (qcow2 incompatible feature bit 2). */
  readonly externalData: boolean;
}

/** How many bytes of a file `recognizeImage` wants to see. */
export const IMAGE_HEADER_BYTES = 4096;

/** Tells a disk image's format and virtual size by its content, not its name (qcow2: docs/interop/qcow2.txt of QEMU; vmdk: sparse extent header). */
export function recognizeImage(header: Uint8Array, fileSizeBytes: number): ImageKind {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  if (bytes.length >= 72 && bytes.readUInt32BE(0) === 0x514649fb) {
    const offset = Number(bytes.readBigUInt64BE(8));
    const length = bytes.readUInt32BE(16);
    const version = bytes.readUInt32BE(4);
    const features = version >= 3 && bytes.length >= 80 ? bytes.readBigUInt64BE(72) : 0n;
    return {
      format: 'qcow2',
      sizeBytes: Number(bytes.readBigUInt64BE(24)),
      externalData: (features & 4n) !== 0n,
      ...(offset > 0 && length > 0
        ? { backingFile: bytes.subarray(offset, offset + length).toString('utf8') }
        : {}),
    };
  }
  if (bytes.length >= 24 && bytes.toString('latin1', 0, 4) === 'KDMV') {
    return { format: 'vmdk', sizeBytes: Number(bytes.readBigUInt64LE(12)) * 512, externalData: false };
  }
  return { format: 'raw', sizeBytes: fileSizeBytes, externalData: false };
}
