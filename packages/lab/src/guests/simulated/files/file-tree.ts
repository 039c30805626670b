import {
  directoryNode,
  type FileChanges,
  FileError,
  type FileNode,
  fileNode,
  linkNode,
} from './file-node.js';
import { isWithin, nameOf, normalisePath, parentOf } from './paths.js';

/** The unchanging files of an image, with the names in each directory. */
export interface ImageFiles {
  readonly nodes: ReadonlyMap<string, FileNode>;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** Directories whose contents vanish with a reboot. */
const volatile = ['/run', '/proc', '/sys', '/dev'];

/** Finds the names in each directory of a set of nodes. */
export function imageFiles(nodes: ReadonlyMap<string, FileNode>): ImageFiles {
  const names = new Map<string, string[]>();
  for (const path of nodes.keys()) {
    if (path === '/') continue;
    const parent = parentOf(path);
    const list = names.get(parent);
    if (list === undefined) names.set(parent, [nameOf(path)]);
    else list.push(nameOf(path));
  }
  return { nodes, names };
}

/** The files of a running guest: its image, its disk's changes, and what is only in memory. */
export class FileTree {
  readonly #volatile: FileChanges = {};
  readonly #names = new Map<string, Set<string>>();

  /**
   * @param changes The disk's record: changed in place.
   * @param now Seconds since 1970, for the times of changes.
   * @param changed Called after each change of the disk.
   */
  constructor(
    private readonly image: ImageFiles,
    private readonly changes: FileChanges,
    private readonly now: () => number,
    private readonly changed: () => void = () => {},
    /** Contents of files that the kernel makes up when they are read (`/proc/uptime`). */
    private readonly kernelFile: (path: string) => string | undefined = () => undefined,
  ) {
    for (const path of Object.keys(changes)) this.#index(path);
  }

  #index(path: string): void {
    if (path === '/') return;
    const parent = parentOf(path);
    const names = this.#names.get(parent);
    if (names === undefined) this.#names.set(parent, new Set([nameOf(path)]));
    else names.add(nameOf(path));
  }

  #layer(path: string): FileChanges {
    return volatile.some((directory) => isWithin(path, directory)) ? this.#volatile : this.changes;
  }

  #get(path: string): FileNode | undefined {
    const changed = this.#layer(path)[path];
    if (changed !== undefined) return changed ?? undefined;
    if (path.startsWith('/proc/')) {
      const content = this.kernelFile(path);
      if (content !== undefined) return fileNode(content, 0o444);
      if (/^\/proc\/\d+$/.test(path) && this.kernelFile(`${path}/stat`) !== undefined)
        return directoryNode(0o555);
    }
    return this.image.nodes.get(path);
  }

  #set(path: string, node: FileNode | null): void {
    const layer = this.#layer(path);
    if (node === null && !this.image.nodes.has(path)) delete layer[path];
    else layer[path] = node;
    this.#index(path);
    if (layer === this.changes) this.changed();
  }

  /** The path with symbolic links resolved; of the last name only when `follow`. The last name need not exist. */
  resolve(path: string, follow = true): string {
    let pending = normalisePath(path).split('/').slice(1);
    let resolved = '';
    for (let hops = 0; pending.length > 0; ) {
      const [name = '', ...rest] = pending;
      const next = `${resolved}/${name}`;
      const node = name === '' ? undefined : this.#get(next);
      if (node?.kind === 'link' && (follow || rest.length > 0)) {
        hops += 1;
        if (hops > 40) throw new FileError('ELOOP', path);
        pending = [
          ...normalisePath(node.target, resolved || '/')
            .split('/')
            .slice(1),
          ...rest,
        ];
        resolved = '';
        continue;
      }
      if (node !== undefined && node.kind !== 'directory' && rest.length > 0)
        throw new FileError('ENOTDIR', path);
      resolved = name === '' ? resolved : next;
      pending = rest;
    }
    return resolved === '' ? '/' : resolved;
  }

  /** The node at a path; undefined when there is none. */
  stat(path: string, follow = true): FileNode | undefined {
    try {
      return this.#get(this.resolve(path, follow));
    } catch {
      return undefined;
    }
  }

  exists(path: string): boolean {
    return this.stat(path) !== undefined;
  }

  isDirectory(path: string): boolean {
    return this.stat(path)?.kind === 'directory';
  }

  isFile(path: string): boolean {
    return this.stat(path)?.kind === 'file';
  }

  /** A regular file's content. @throws FileError */
  read(path: string): string {
    const node = this.#get(this.resolve(path));
    if (node === undefined) throw new FileError('ENOENT', path);
    if (node.kind === 'directory') throw new FileError('EISDIR', path);
    return node.kind === 'file' ? node.content : '';
  }

  /** A regular file's content, or undefined when it cannot be read. */
  readIfThere(path: string): string | undefined {
    const node = this.stat(path);
    return node?.kind === 'file' ? node.content : undefined;
  }

  /** Names in a directory, sorted. @throws FileError */
  list(path: string): string[] {
    const directory = this.resolve(path);
    const node = this.#get(directory);
    if (node === undefined) throw new FileError('ENOENT', path);
    if (node.kind !== 'directory') throw new FileError('ENOTDIR', path);
    const prefix = directory === '/' ? '' : directory;
    const names = new Set([
      ...(this.image.names.get(directory) ?? []),
      ...(this.#names.get(directory) ?? []),
    ]);
    return [...names].filter((name) => this.#get(`${prefix}/${name}`) !== undefined).sort();
  }

  #parentFor(path: string): void {
    const parent = this.#get(parentOf(path));
    if (parent === undefined) throw new FileError('ENOENT', path);
    if (parent.kind !== 'directory') throw new FileError('ENOTDIR', path);
  }

  /** Writes a file's whole content, or appends to it; an existing file keeps mode and owner. @throws FileError */
  write(
    path: string,
    content: string,
    options: { append?: boolean; mode?: number; uid?: number; gid?: number } = {},
  ): void {
    const resolved = this.resolve(path);
    const node = this.#get(resolved);
    if (node?.kind === 'directory') throw new FileError('EISDIR', path);
    if (node?.kind === 'device') return;
    if (node?.kind === 'file') {
      const text = options.append === true ? node.content + content : content;
      this.#set(resolved, {
        ...node,
        content: text,
        mtime: this.now(),
        ...(options.mode !== undefined && { mode: options.mode }),
      });
      return;
    }
    this.#parentFor(resolved);
    this.#set(
      resolved,
      fileNode(content, options.mode ?? 0o644, this.now(), options.uid ?? 0, options.gid ?? 0),
    );
  }

  /** @throws FileError */
  makeDirectory(
    path: string,
    options: { mode?: number; parents?: boolean; uid?: number; gid?: number } = {},
  ): void {
    const resolved = this.resolve(path);
    const existing = this.#get(resolved);
    if (existing !== undefined) {
      if (options.parents === true && existing.kind === 'directory') return;
      throw new FileError('EEXIST', path);
    }
    if (options.parents === true) {
      const { mode: _mode, ...rest } = options;
      this.makeDirectory(parentOf(resolved), rest);
    } else this.#parentFor(resolved);
    this.#set(resolved, directoryNode(options.mode ?? 0o755, this.now(), options.uid ?? 0, options.gid ?? 0));
  }

  /** Makes a symbolic link. @throws FileError */
  link(target: string, path: string): void {
    const resolved = this.resolve(path, false);
    if (this.#get(resolved) !== undefined) throw new FileError('EEXIST', path);
    this.#parentFor(resolved);
    this.#set(resolved, linkNode(target, this.now()));
  }

  /** Removes a file or link, a directory only when `recursive` or empty. @throws FileError */
  remove(path: string, recursive = false): void {
    const resolved = this.resolve(path, false);
    const node = this.#get(resolved);
    if (node === undefined) throw new FileError('ENOENT', path);
    if (node.kind === 'directory') {
      const names = this.list(resolved);
      if (names.length > 0 && !recursive) throw new FileError('ENOTEMPTY', path);
      for (const name of names) this.remove(`${resolved}/${name}`, true);
    }
    this.#set(resolved, null);
  }

  /** Moves a node with all below it; an existing file at `to` is replaced. @throws FileError */
  rename(from: string, to: string): void {
    const source = this.resolve(from, false);
    const target = this.resolve(to, false);
    const node = this.#get(source);
    if (node === undefined) throw new FileError('ENOENT', from);
    if (source === target) return;
    if (isWithin(target, source)) throw new FileError('EINVAL', to);
    const existing = this.#get(target);
    if (existing?.kind === 'directory') this.remove(target);
    this.#parentFor(target);
    this.#copy(source, target);
    this.remove(source, true);
  }

  #copy(source: string, target: string): void {
    const node = this.#get(source);
    if (node === undefined) return;
    this.#set(target, node);
    if (node.kind === 'directory')
      for (const name of this.list(source)) this.#copy(`${source}/${name}`, `${target}/${name}`);
  }

  /** Puts a node in place of what is there, its parent existing. */
  place(path: string, node: FileNode, follow = true): void {
    const resolved = this.resolve(path, follow);
    this.#parentFor(resolved);
    this.#set(resolved, node);
  }

  /** Changes mode, owner or time. @throws FileError */
  change(
    path: string,
    changes: { mode?: number; uid?: number; gid?: number; mtime?: number },
    follow = true,
  ): void {
    const resolved = this.resolve(path, follow);
    const node = this.#get(resolved);
    if (node === undefined) throw new FileError('ENOENT', path);
    this.#set(resolved, { ...node, ...changes });
  }

  /** Every path below a directory, itself first, in order. */
  *walk(path: string): Generator<{ path: string; node: FileNode }> {
    const node = this.stat(path, false);
    if (node === undefined) return;
    yield { path, node };
    if (node.kind !== 'directory') return;
    for (const name of this.list(path)) yield* this.walk(path === '/' ? `/${name}` : `${path}/${name}`);
  }
}
