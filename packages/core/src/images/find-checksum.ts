import type { ImageChecksum } from '../config/model.js';

/**
 * Finds a file's checksum in a publisher's list, in the form of `sha256sum` (`<hex> *name`) or BSD's (`SHA256 (name) = <hex>`).
 * Directories before the name do not count.
 */
export function findChecksum(
  list: string,
  fileName: string,
  algorithm: ImageChecksum['algorithm'],
): string | undefined {
  const length = algorithm === 'sha256' ? 64 : 128;
  for (const line of list.split('\n')) {
    const match = /^([0-9a-fA-F]+)\s+[*]?(.+?)\s*$/.exec(line) ?? undefined;
    const bsd = match === undefined ? /^SHA\d+ \((.+)\) = ([0-9a-fA-F]+)\s*$/.exec(line) : undefined;
    const [name, value] = match === undefined ? [bsd?.[1], bsd?.[2]] : [match[2], match[1]];
    if (name?.split('/').at(-1) === fileName && value?.length === length) return value.toLowerCase();
  }
  return undefined;
}
