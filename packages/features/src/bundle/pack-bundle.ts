import type { BundleFile } from './feature-bundle.js';

/** A bundle as one run of bytes: a manifest (lines `MODE SIZE PATH`, an empty line), then the files' bytes. */
export interface PackedBundle {
  readonly bytes: Uint8Array;
  /** Length of the manifest with its empty line, in bytes. */
  readonly headerBytes: number;
}

/** Yields the bytes that `guest/deliver.sh` unpacks; equal files give equal bytes. */
export function packBundle(files: readonly BundleFile[]): PackedBundle {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = sorted
    .map((file) => `${file.mode.toString(8).padStart(4, '0')} ${file.content.length} ${file.path}\n`)
    .join('');
  const header = Buffer.from(`${manifest}\n`);
  return {
    bytes: Buffer.concat([header, ...sorted.map((file) => file.content)]),
    headerBytes: header.length,
  };
}
