/** Facts of a file: its size and the time of its last change (milliseconds since 1970). */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly changedAtMs: number;
}

/**
 * The bytes of files on the emulated nodes, by node and absolute path as the node sees it (`/var/lib/vz/template/iso/x.iso`).
 * In memory, or under a directory of the real file system (then `realPath` tells where).
 */
export interface FileStore {
  stat(node: string, path: string): Promise<FileFacts | undefined>;
  /** The whole file, or `length` bytes from `offset`. Rejects when there is none. */
  read(node: string, path: string, range?: { offset: number; length: number }): Promise<Uint8Array>;
  /** Writes a file in one piece, atomically. */
  write(node: string, path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<number>;
  /** Puts `from` in the place of `to` (rename); `to` may exist. */
  rename(node: string, from: string, to: string): Promise<void>;
  copy(node: string, from: string, toNode: string, to: string): Promise<void>;
  /** Removing what is not there is no error. */
  remove(node: string, path: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(node: string, directory: string): Promise<readonly string[]>;
  /** Where the file really is; undefined for a store in memory. The directory exists after the call. */
  realPath(node: string, path: string): string | undefined;
}
