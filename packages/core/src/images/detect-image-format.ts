/** What the first bytes of a file show. `compressed` names the program that unpacks it. */
export type ImageFormat =
  | { readonly kind: 'disk'; readonly format: 'qcow2' | 'raw' | 'vmdk' }
  | { readonly kind: 'compressed'; readonly by: 'gzip' | 'xz' | 'zstd' | 'bzip2' }
  | { readonly kind: 'not-an-image'; readonly title: string };

const startsWith = (bytes: Uint8Array, ...magic: readonly number[]) =>
  magic.every((byte, index) => bytes[index] === byte);

/**
 * Tells a disk image by its first 512 bytes, never by its name: Ubuntu's `.img` is qcow2, and Proxmox VE believes the extension.
 * What is not recognised but has a boot sector's signature, or is not text, counts as raw.
 */
export function detectImageFormat(bytes: Uint8Array): ImageFormat {
  if (startsWith(bytes, 0x51, 0x46, 0x49, 0xfb)) return { kind: 'disk', format: 'qcow2' };
  if (startsWith(bytes, 0x4b, 0x44, 0x4d, 0x56)) return { kind: 'disk', format: 'vmdk' };
  if (startsWith(bytes, 0x1f, 0x8b)) return { kind: 'compressed', by: 'gzip' };
  if (startsWith(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return { kind: 'compressed', by: 'xz' };
  if (startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd)) return { kind: 'compressed', by: 'zstd' };
  if (startsWith(bytes, 0x42, 0x5a, 0x68)) return { kind: 'compressed', by: 'bzip2' };
  if (bytes.length >= 512 && bytes[510] === 0x55 && bytes[511] === 0xaa)
    return { kind: 'disk', format: 'raw' };
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith('<!doctype') || start.startsWith('<html') || start.startsWith('<?xml'))
    return { kind: 'not-an-image', title: 'a web page' };
  if (bytes.length === 0) return { kind: 'not-an-image', title: 'an empty file' };
  if (/^[\x20-\x7e\s]*$/.test(start) && bytes.length < 512) return { kind: 'not-an-image', title: 'a text' };
  return { kind: 'disk', format: 'raw' };
}
