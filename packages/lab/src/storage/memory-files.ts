import type { FileStore } from './file-store.js';

/** Files in memory. They are gone with the process. */
export function createMemoryFiles(nowMs: () => number): FileStore {
  const files = new Map<string, { bytes: Uint8Array; changedAtMs: number }>();
  const key = (node: string, path: string) => `${node}:${path}`;
  const existing = (node: string, path: string) => {
    const file = files.get(key(node, path));
    if (file === undefined) throw new Error(`No such file or directory: ${path}`);
    return file;
  };
  return {
    stat: async (node, path) => {
      const file = files.get(key(node, path));
      return file === undefined
        ? undefined
        : { sizeBytes: file.bytes.byteLength, changedAtMs: file.changedAtMs };
    },
    read: async (node, path, range) => {
      const { bytes } = existing(node, path);
      return range === undefined ? bytes : bytes.subarray(range.offset, range.offset + range.length);
    },
    write: async (node, path, bytes) => {
      const whole = bytes instanceof Uint8Array ? Uint8Array.from(bytes) : await collect(bytes);
      files.set(key(node, path), { bytes: whole, changedAtMs: nowMs() });
      return whole.byteLength;
    },
    rename: async (node, from, to) => {
      files.set(key(node, to), existing(node, from));
      files.delete(key(node, from));
    },
    copy: async (node, from, toNode, to) => {
      files.set(key(toNode, to), { bytes: existing(node, from).bytes, changedAtMs: nowMs() });
    },
    remove: async (node, path) => {
      files.delete(key(node, path));
    },
    list: async (node, directory) => {
      const prefix = key(node, `${directory}/`);
      const names = [...files.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length));
      return names.filter((name) => !name.includes('/')).sort();
    },
    realPath: () => undefined,
  };
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(part);
  return Buffer.concat(chunks);
}
