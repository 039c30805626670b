import { createHash } from 'node:crypto';
import type { Seed } from './seed.js';

/** The files of a seed by their names on the medium, in the order they are written. */
export function seedFiles(seed: Seed): readonly { readonly name: string; readonly content: Uint8Array }[] {
  const texts = [
    ['meta-data', seed.metaData],
    ['user-data', seed.userData],
    ['network-config', seed.networkConfig],
  ] as const;
  return texts.flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, content: new TextEncoder().encode(text) }],
  );
}

/** SHA-256 over names, lengths and contents of a seed's files, in hexadecimal: equal exactly when the files are. */
export function seedDigest(seed: Seed): string {
  const hash = createHash('sha256');
  for (const { name, content } of seedFiles(seed))
    hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}
