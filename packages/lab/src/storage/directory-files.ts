import { createWriteStream, mkdirSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileStore } from './file-store.js';

/** Files under a real directory, one subdirectory per node. Writes go to a temporary name first, so that a file is whole or not there. */
export function createDirectoryFiles(root: string): FileStore {
  let drawn = 0;
  const real = (node: string, path: string) => join(root, node === '' ? '_shared' : node, path);
  const place = async (node: string, path: string) => {
    const target = real(node, path);
    await mkdir(dirname(target), { recursive: true });
    return target;
  };
  return {
    stat: async (node, path) => {
      const facts = await stat(real(node, path)).catch(() => undefined);
      return facts?.isFile() === true ? { sizeBytes: facts.size, changedAtMs: facts.mtimeMs } : undefined;
    },
    read: async (node, path, range) => {
      if (range === undefined) return readFile(real(node, path));
      const file = await open(real(node, path), 'r');
      try {
        const buffer = Buffer.alloc(range.length);
        const { bytesRead } = await file.read(buffer, 0, range.length, range.offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    write: async (node, path, bytes) => {
      const target = await place(node, path);
      drawn += 1;
      const partial = `${target}.${process.pid}-${drawn}.partial`;
      try {
        await pipeline(
          Readable.from(bytes instanceof Uint8Array ? [bytes] : bytes),
          createWriteStream(partial),
        );
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
      return (await stat(target)).size;
    },
    rename: async (node, from, to) => rename(real(node, from), await place(node, to)),
    copy: async (node, from, toNode, to) => copyFile(real(node, from), await place(toNode, to)),
    remove: (node, path) => rm(real(node, path), { force: true }),
    list: async (node, directory) => {
      const names = await readdir(real(node, directory)).catch(() => []);
      return names.filter((name) => !name.endsWith('.partial')).sort();
    },
    realPath: (node, path) => {
      const target = real(node, path);
      mkdirSync(dirname(target), { recursive: true });
      return target;
    },
  };
}
