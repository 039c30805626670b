const CLUSTER = 65_536;
/** Where the label stands: in the header's cluster, behind everything that readers look at. */
const LABEL_OFFSET = 4096;

/**
 * A valid, empty qcow2 image (version 3, clusters of 64 KiB) of this virtual size, 256 KiB long. The label makes images differ and tells
 * a simulated guest which distribution it is (QEMU, docs/interop/qcow2.txt).
 */
export function createEmptyQcow2(sizeBytes: number, label: string): Uint8Array {
  const image = Buffer.alloc(4 * CLUSTER);
  const l1Entries = Math.max(1, Math.ceil(sizeBytes / ((CLUSTER / 8) * CLUSTER)));
  image.writeUInt32BE(0x514649fb, 0);
  image.writeUInt32BE(3, 4);
  image.writeUInt32BE(16, 20);
  image.writeBigUInt64BE(BigInt(sizeBytes), 24);
  image.writeUInt32BE(l1Entries, 36);
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  image.writeBigUInt64BE(BigInt(CLUSTER), 48);
  image.writeUInt32BE(1, 56);
  image.writeUInt32BE(4, 96);
  image.writeUInt32BE(104, 100);
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < 4; cluster += 1) image.writeUInt16BE(1, 2 * CLUSTER + cluster * 2);
  image.write(`lab-image: ${label}\n`, LABEL_OFFSET, 'utf8');
  return image;
}
