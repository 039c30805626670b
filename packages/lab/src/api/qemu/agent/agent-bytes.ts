import { failure } from '../../../http/pve-error.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes from the guest as PVE's JSON has them: as text when they are UTF-8, else one character per byte. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * Base64 of what a caller sent for the guest: each character is one byte.
 * @throws PveError 500 for characters beyond Latin-1, which Perl's encoder does not take.
 */
export function encodeForGuest(text: string): string {
  if ([...text].some((char) => (char.codePointAt(0) ?? 0) > 0xff)) {
    throw failure('Wide character in subroutine entry at /usr/share/perl5/PVE/API2/Qemu/Agent.pm line 489.');
  }
  return Buffer.from(text, 'latin1').toString('base64');
}
