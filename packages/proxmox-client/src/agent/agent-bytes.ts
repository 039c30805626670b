/**
 * Bytes as PVE takes them for the guest: one character per byte, U+0000 to U+00FF.
 * (qemu-server packs each character into one byte; code points above 255 make it fail.)
 */
export function printAgentBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * The bytes behind a text that came from the guest. PVE gives output that is valid UTF-8 as text, and any other as one character per
 * byte, without saying which. `byteLength`, where PVE tells it, decides; without it a text is read as bytes when it holds control
 * characters, which text does not, and as UTF-8 otherwise. Observed on PVE 8.4.21 and 9.2.11.
 */
export function readAgentBytes(text: string, byteLength?: number): Uint8Array {
  if (isAscii(text) || !isSingleBytes(text)) return Buffer.from(text, 'utf8');
  const asBytes = Buffer.from(text, 'latin1');
  // Valid UTF-8 would have come as text, so what reads as such again was text of its own.
  if (isUtf8Text(asBytes)) return Buffer.from(text, 'utf8');
  const bytesMeant = byteLength === undefined ? hasControls(text) : byteLength === text.length;
  return bytesMeant ? asBytes : Buffer.from(text, 'utf8');
}

function isAscii(text: string): boolean {
  return everyCode(text, (code) => code < 0x80);
}

function isSingleBytes(text: string): boolean {
  return everyCode(text, (code) => code <= 0xff);
}

/** Control characters other than those that text has: bell to carriage return, and escape. */
function hasControls(text: string): boolean {
  return !everyCode(
    text,
    (code) =>
      code >= 0xa0 || (code >= 0x20 && code < 0x7f) || (code >= 0x07 && code <= 0x0d) || code === 0x1b,
  );
}

function everyCode(text: string, test: (code: number) => boolean): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!test(text.charCodeAt(index))) return false;
  }
  return true;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8Text(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
