/** Size of a logical sector. */
export const SECTOR = 2048;

/** A 32-bit number little-endian and then big-endian (ECMA-119 7.3.3). */
export function both32(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value, true);
  view.setUint32(4, value, false);
  return bytes;
}

/** A 16-bit number little-endian and then big-endian (ECMA-119 7.2.3). */
export function both16(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, value, true);
  view.setUint16(2, value, false);
  return bytes;
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Latin text as bytes, filled with blanks. */
export function padded(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set(Buffer.from(text, 'latin1').subarray(0, length));
  return bytes;
}

/** Text in UCS-2, big-endian, as Joliet has it. */
export function ucs2(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
}

/** Text in UCS-2, filled with blanks. */
export function paddedUcs2(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let offset = 1; offset < length; offset += 2) bytes[offset] = 0x20;
  bytes.set(ucs2(text).subarray(0, length & ~1));
  return bytes;
}

export function sectorsFor(length: number): number {
  return Math.ceil(length / SECTOR);
}
