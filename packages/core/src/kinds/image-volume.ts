import { createHash } from 'node:crypto';
import type { ImageReference } from '../config/model.js';

/** Where an image comes from and under which name it is kept on a storage. Plain data: part of a plan. */
export interface ImageSource {
  /** For people: the catalogue's name, the URL or the path. */
  readonly title: string;
  /** The start of the volume's file name; the checksum and the extension follow it. */
  readonly stem: string;
}

const safe = (text: string) => text.replaceAll(/[^A-Za-z0-9.+=-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');

/** Names an image that has to be brought to a storage; undefined for one that is a volume already. */
export function nameImage(reference: ImageReference): ImageSource | undefined {
  const stemOf = (file: string) =>
    safe(file.split(/[/\\]/).at(-1) ?? file).replace(/\.(img|qcow2|raw|vmdk|iso)(\.(gz|xz|zst))?$/i, '');
  switch (reference.kind) {
    case 'catalogue':
      return { title: reference.image.fileName, stem: stemOf(reference.image.fileName) };
    case 'url':
      return { title: reference.url, stem: stemOf(new URL(reference.url).pathname) };
    case 'path':
      return { title: reference.path, stem: stemOf(reference.path) };
    default:
      return undefined;
  }
}

/** The file name on the storage: what it is called, twelve digits of what it contains, and the format that its bytes show. */
export function printImageFileName(stem: string, checksum: string, format: 'qcow2' | 'raw' | 'vmdk'): string {
  return `${stem}-${checksum.slice(0, 12)}.${format}`;
}

/** A stand-in for the checksum of an image that has none: digest of where it comes from. */
export function digestOfUrl(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}

/** Volume ids among `volumes` that hold the image under any checksum. */
export function findImageVolumes(volumes: readonly string[], stem: string): readonly string[] {
  return volumes.filter((volid) => {
    const file = volid.split('/').at(-1) ?? '';
    return (
      file.startsWith(`${stem}-`) && /^[0-9a-f]{12}\.(qcow2|raw|vmdk)$/.test(file.slice(stem.length + 1))
    );
  });
}
