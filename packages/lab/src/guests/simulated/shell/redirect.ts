import { FileError } from '../files/file-node.js';
import { release } from '../system/process.js';
import { expandText } from './expand.js';
import type { Shell } from './shell.js';
import { type OpenFile, textInput } from './streams.js';
import type { Redirection } from './syntax.js';

/**
 * Redirects open files of the shell's process; returns a function that puts everything back.
 * @throws FileError with the path as it was written.
 */
export async function applyRedirections(
  shell: Shell,
  redirections: readonly Redirection[],
): Promise<() => void> {
  const { open } = shell.process;
  const before = new Map<number, OpenFile | undefined>();
  const put = (fd: number, file: OpenFile | undefined) => {
    const old = open.get(fd);
    if (!before.has(fd)) before.set(fd, old);
    else if (old !== undefined) release(old);
    if (file === undefined) open.delete(fd);
    else open.set(fd, file);
  };
  const restore = () => {
    for (const [fd, file] of before) {
      const current = open.get(fd);
      if (current !== undefined && current !== file) release(current);
      if (file === undefined) open.delete(fd);
      else open.set(fd, file);
    }
  };
  try {
    for (const redirection of redirections) await applyOne(shell, redirection, put);
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}

async function applyOne(
  shell: Shell,
  redirection: Redirection,
  put: (fd: number, file: OpenFile | undefined) => void,
): Promise<void> {
  const { operator } = redirection;
  const text = await expandText(shell, redirection.target);
  const fd = redirection.fd ?? (operator.startsWith('<') ? 0 : 1);
  switch (operator) {
    case '<<':
      return put(fd, textInput(text));
    case '<<<':
      return put(fd, textInput(`${text}\n`));
    case '<&':
    case '>&': {
      if (text === '-') return put(fd, undefined);
      if (!/^\d+$/.test(text)) {
        const file = openFile(shell, text, '>');
        put(1, file);
        file.holders += 1;
        return put(2, file);
      }
      const source = shell.process.open.get(Number(text));
      if (source === undefined) throw new FileError('EINVAL', text);
      source.holders += 1;
      return put(fd, source);
    }
    case '&>':
    case '&>>': {
      const file = openFile(shell, text, operator === '&>' ? '>' : '>>');
      file.holders += 1;
      put(1, file);
      return put(2, file);
    }
    default:
      return put(fd, openFile(shell, text, operator));
  }
}

/** Opens a file of the guest. @throws FileError */
export function openFile(shell: Shell, name: string, operator: '<' | '>' | '>>' | '>|' | '<>'): OpenFile {
  const { process } = shell;
  const path = process.path(name);
  const { files } = process;
  try {
    const node = files.stat(path);
    if (node?.kind === 'device') return openDevice(shell, node.device);
    process.machine.checkAccess(process, path, operator === '<' ? 'read' : 'write');
    if (operator === '<') return textInput(files.read(path));
    if (operator === '>' && shell.options.has('C') && node !== undefined) throw new FileError('EEXIST', path);
    const owner = { uid: process.uid, gid: process.gid, mode: 0o666 & ~process.umask };
    if (operator === '>>' || operator === '<>') {
      if (node === undefined) files.write(path, '', owner);
      else if (node.kind === 'directory') throw new FileError('EISDIR', path);
    } else files.write(path, '', node === undefined ? owner : {});
    return operator === '<>' ? fileInPlace(shell, path) : fileOutput(shell, path);
  } catch (error) {
    throw error instanceof FileError ? new FileError(error.code, name) : error;
  }
}

/** Appends to the file wherever it has been moved to meanwhile, as an open descriptor would. */
function fileOutput(shell: Shell, path: string): OpenFile {
  const { files } = shell.process;
  const resolved = files.resolve(path);
  return {
    holders: 1,
    close: () => {},
    write: (data) => {
      if (files.exists(resolved)) files.write(resolved, data, { append: true });
      return Promise.resolve();
    },
  };
}

/** Reads and writes from the file's beginning on, over what stands there. */
function fileInPlace(shell: Shell, path: string): OpenFile {
  const { files } = shell.process;
  const resolved = files.resolve(path);
  let offset = 0;
  return {
    holders: 1,
    close: () => {},
    read: (limit = 4096) => {
      const piece = (files.readIfThere(resolved) ?? '').slice(offset, offset + limit);
      offset += piece.length;
      return Promise.resolve(piece === '' ? undefined : piece);
    },
    write: (data) => {
      const content = files.readIfThere(resolved);
      if (content !== undefined)
        files.write(
          resolved,
          content.slice(0, offset).padEnd(offset, '\0') + data + content.slice(offset + data.length),
        );
      offset += data.length;
      return Promise.resolve();
    },
  };
}

function openDevice(shell: Shell, device: string): OpenFile {
  const { process } = shell;
  const inherited =
    device === 'stdout'
      ? process.open.get(1)
      : device === 'stderr'
        ? process.open.get(2)
        : device === 'stdin'
          ? process.open.get(0)
          : undefined;
  if (inherited !== undefined) {
    inherited.holders += 1;
    return inherited;
  }
  return {
    holders: 1,
    close: () => {},
    write: () =>
      device === 'full' ? Promise.reject(new FileError('ENOSPC', '/dev/full')) : Promise.resolve(),
    read: (limit = 4096) => {
      if (device === 'zero') return Promise.resolve('\0'.repeat(limit));
      if (device !== 'random') return Promise.resolve(undefined);
      let text = '';
      for (let index = 0; index < limit; index += 1)
        text += String.fromCharCode(Math.floor(process.machine.random() * 256));
      return Promise.resolve(text);
    },
  };
}
