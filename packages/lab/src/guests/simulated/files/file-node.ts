/**
 * A file, directory or link of a guest, as plain JSON. Nodes are never changed in place: a change replaces them, so that copies of disks can share them.
 * Contents are byte strings (one character, 0–255, per byte).
 */
export type FileNode =
  | {
      readonly kind: 'file';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** Seconds since 1970. */
      readonly mtime: number;
      readonly content: string;
    }
  | {
      readonly kind: 'directory';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtime: number;
    }
  | {
      readonly kind: 'link';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtime: number;
      readonly target: string;
    }
  | {
      readonly kind: 'device';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtime: number;
      readonly device: 'null' | 'zero' | 'full' | 'random' | 'tty' | 'stdin' | 'stdout' | 'stderr' | 'block';
    };

/** What a disk holds beyond its image: changed nodes by absolute path; null stands for a path of the image that is gone. */
export type FileChanges = Record<string, FileNode | null>;

/** Why a call on files failed, as errno. */
export type FileErrorCode =
  | 'ENOENT'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'EACCES'
  | 'ELOOP'
  | 'EROFS'
  | 'EINVAL'
  | 'ENOSPC';

const texts: Readonly<Record<FileErrorCode, string>> = {
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  ELOOP: 'Too many levels of symbolic links',
  EROFS: 'Read-only file system',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
};

/** A refused call on the files of a guest; `message` is what strerror says. */
export class FileError extends Error {
  constructor(
    readonly code: FileErrorCode,
    readonly path: string,
  ) {
    super(texts[code]);
    this.name = 'FileError';
  }
}

/** Makes a regular file's node. */
export function fileNode(content: string, mode = 0o644, mtime = 0, uid = 0, gid = 0): FileNode {
  return { kind: 'file', mode, uid, gid, mtime, content };
}

/** Makes a directory's node. */
export function directoryNode(mode = 0o755, mtime = 0, uid = 0, gid = 0): FileNode {
  return { kind: 'directory', mode, uid, gid, mtime };
}

/** Makes a symbolic link's node. */
export function linkNode(target: string, mtime = 0): FileNode {
  return { kind: 'link', mode: 0o777, uid: 0, gid: 0, mtime, target };
}
