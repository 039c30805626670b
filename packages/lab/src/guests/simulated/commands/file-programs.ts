import { FileError, type FileNode } from '../files/file-node.js';
import { nameOf, normalisePath } from '../files/paths.js';
import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';

/** Runs an action for each operand and complains as coreutils do. */
async function forEach(
  process: Process,
  operands: readonly string[],
  what: (name: string) => string,
  action: (path: string, name: string) => void,
): Promise<number> {
  let code = 0;
  for (const name of operands) {
    try {
      action(process.path(name), name);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      code = await process.fail(`${what(name)}: ${error.message}`);
    }
  }
  return code;
}

/** Refuses changes in directories that the process may not write. */
function checkParent(process: Process, path: string): void {
  process.machine.checkAccess(process, normalisePath('..', path), 'write');
}

const mkdir: Program = (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['m', 'mode']);
  const mode = values.get('m') ?? values.get('mode');
  return forEach(
    process,
    operands,
    (name) => `cannot create directory ‘${name}’`.replace(/[‘’]/g, "'"),
    (path) => {
      checkParent(process, path);
      process.files.makeDirectory(path, {
        parents: flags.has('p') || flags.has('parents'),
        mode: mode === undefined ? 0o777 & ~process.umask : Number.parseInt(mode, 8),
        uid: process.uid,
        gid: process.gid,
      });
    },
  );
};

const rmdir: Program = (process, args) =>
  forEach(
    process,
    parseOptions(args).operands,
    (name) => `failed to remove '${name}'`,
    (path) => {
      if (!process.files.isDirectory(path)) throw new FileError('ENOTDIR', path);
      process.files.remove(path);
    },
  );

const rm: Program = (process, args) => {
  const { flags, operands } = parseOptions(args);
  const force = flags.has('f') || flags.has('force');
  const recursive = flags.has('r') || flags.has('R') || flags.has('recursive');
  return forEach(
    process,
    operands,
    (name) => `cannot remove '${name}'`,
    (path) => {
      const node = process.files.stat(path, false);
      if (node === undefined) {
        if (force) return;
        throw new FileError('ENOENT', path);
      }
      if (node.kind === 'directory' && !recursive) throw new FileError('EISDIR', path);
      checkParent(process, path);
      process.files.remove(path, true);
    },
  );
};

/** Where an operand goes: into the target directory under its own name, or to the target itself. */
function destination(process: Process, source: string, target: string, asFile: boolean): string {
  const path = process.path(target);
  return !asFile && process.files.isDirectory(path)
    ? normalisePath(nameOf(process.path(source)), path)
    : path;
}

const mv: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['t', 'target-directory']);
  const target = values.get('t') ?? values.get('target-directory') ?? operands.at(-1);
  const sources = values.has('t') ? operands : operands.slice(0, -1);
  if (target === undefined || sources.length === 0) return process.fail('missing file operand');
  return forEach(
    process,
    sources,
    (name) => `cannot stat '${name}'`,
    (path, name) => {
      if (process.files.stat(path, false) === undefined) throw new FileError('ENOENT', path);
      const to = destination(process, name, target, flags.has('T'));
      if (flags.has('n') && process.files.exists(to)) return;
      checkParent(process, path);
      process.files.rename(path, to);
    },
  );
};

function copyTree(
  process: Process,
  from: string,
  to: string,
  options: { recursive: boolean; preserve: boolean; follow: boolean },
): void {
  const { files } = process;
  const node = files.stat(from, options.follow);
  if (node === undefined) throw new FileError('ENOENT', from);
  if (node.kind === 'directory') {
    if (!options.recursive) throw new FileError('EISDIR', from);
    const names = files.list(from);
    if (!files.isDirectory(to))
      files.makeDirectory(to, {
        mode: node.mode,
        uid: options.preserve ? node.uid : process.uid,
        gid: options.preserve ? node.gid : process.gid,
      });
    for (const name of names) copyTree(process, `${from}/${name}`, `${to}/${name}`, options);
    return;
  }
  if (node.kind === 'device') {
    files.write(to, '');
    return;
  }
  if (node.kind === 'link') {
    if (files.stat(to, false) !== undefined) files.remove(to);
    files.link(node.target, to);
    return;
  }
  const existing = files.stat(to);
  const copy: FileNode = {
    ...node,
    mtime: options.preserve ? node.mtime : process.machine.nowSeconds(),
    uid: options.preserve ? node.uid : (existing?.uid ?? process.uid),
    gid: options.preserve ? node.gid : (existing?.gid ?? process.gid),
    mode: options.preserve || existing === undefined ? node.mode : existing.mode,
  };
  files.place(to, copy);
}

const cp: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['t', 'target-directory']);
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const target = values.get('t') ?? operands.at(-1);
  const sources = values.has('t') ? operands : operands.slice(0, -1);
  if (target === undefined || sources.length === 0) return process.fail('missing destination file operand');
  const recursive = has('r', 'R', 'a', 'recursive', 'archive');
  return forEach(
    process,
    sources,
    (name) => `cannot stat '${name}'`,
    (path, name) => {
      const to = destination(process, name.replace(/\/\.$/, ''), target, has('T') || /\/\.$/.test(name));
      if (has('n', 'no-clobber') && process.files.exists(to)) return;
      checkParent(process, to);
      copyTree(process, path, to, {
        recursive,
        preserve: has('p', 'a', 'archive', 'preserve'),
        follow: !has('a', 'd', 'P', 'archive') && !recursive,
      });
    },
  );
};

const ln: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const [target = '', name = nameOf(target)] = operands;
  const path =
    flags.has('n') || flags.has('T') || flags.has('no-dereference')
      ? process.path(name)
      : destination(process, target, name, false);
  return forEach(
    process,
    [name],
    () => `failed to create ${flags.has('s') ? 'symbolic ' : ''}link '${name}'`,
    () => {
      const { files } = process;
      if (files.stat(path, false) !== undefined && (flags.has('f') || flags.has('force'))) files.remove(path);
      if (flags.has('s') || flags.has('symbolic')) files.link(target, path);
      else {
        const node = files.stat(process.path(target));
        if (node === undefined) throw new FileError('ENOENT', target);
        if (files.stat(path, false) !== undefined) throw new FileError('EEXIST', path);
        files.place(path, node, false);
      }
    },
  );
};

/** The mode that `chmod`'s first operand makes of a mode. */
export function applyMode(text: string, mode: number, isDirectory: boolean): number | undefined {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  let result = mode;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause);
    if (match === null) return undefined;
    const [, who = '', operator, permissions = ''] = match;
    const targets = who === '' || who.includes('a') ? 'ugo' : who;
    for (const target of targets) {
      const shift = target === 'u' ? 6 : target === 'g' ? 3 : 0;
      let bits = 0;
      if (permissions.includes('r')) bits |= 4;
      if (permissions.includes('w')) bits |= 2;
      if (permissions.includes('x') || (permissions.includes('X') && (isDirectory || (mode & 0o111) !== 0)))
        bits |= 1;
      let mask = bits << shift;
      if (permissions.includes('s')) mask |= target === 'u' ? 0o4000 : target === 'g' ? 0o2000 : 0;
      if (permissions.includes('t')) mask |= 0o1000;
      if (operator === '+') result |= mask;
      else if (operator === '-') result &= ~mask;
      else result = (result & ~(7 << shift)) | mask;
    }
  }
  return result;
}

function recursivePaths(process: Process, path: string, recursive: boolean): string[] {
  if (process.files.stat(path, false) === undefined) throw new FileError('ENOENT', path);
  return recursive ? [...process.files.walk(path)].map((entry) => entry.path) : [path];
}

const chmod: Program = async (process, args) => {
  const reference = args.find((arg) => arg.startsWith('--reference='))?.slice('--reference='.length);
  const plain = args.filter((arg) => /^-[rwxXst]/.test(arg) || !/^-/.test(arg));
  const recursive = args.some((arg) => /^-[a-zA-Z]*R/.test(arg) || arg === '--recursive');
  const mode =
    reference === undefined ? plain.shift() : process.files.stat(process.path(reference))?.mode.toString(8);
  if (mode === undefined) return process.fail('missing operand');
  if (applyMode(mode, 0, false) === undefined) return process.fail(`invalid mode: '${mode}'`);
  return forEach(
    process,
    plain,
    (name) => `cannot access '${name}'`,
    (path) => {
      for (const each of recursivePaths(process, path, recursive)) {
        const node = process.files.stat(each);
        if (node === undefined) continue;
        if (process.uid !== 0 && node.uid !== process.uid) throw new FileError('EACCES', each);
        process.files.change(each, {
          mode: applyMode(mode, node.mode, node.kind === 'directory') ?? node.mode,
        });
      }
    },
  );
};

const chown: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const [owner = '', ...paths] = operands;
  const [user = '', group] = process.name === 'chgrp' ? ['', owner] : owner.split(/[:.]/);
  const { accounts } = process.machine;
  const uid =
    user === '' ? undefined : (accounts.user(user)?.uid ?? (/^\d+$/.test(user) ? Number(user) : Number.NaN));
  const wanted =
    group === ''
      ? accounts.user(user)?.gid
      : group === undefined
        ? undefined
        : (accounts.group(group)?.gid ?? (/^\d+$/.test(group) ? Number(group) : Number.NaN));
  if (Number.isNaN(uid)) return process.fail(`invalid user: '${owner}'`);
  if (Number.isNaN(wanted)) return process.fail(`invalid group: '${owner}'`);
  return forEach(
    process,
    paths,
    (name) => `cannot access '${name}'`,
    (path) => {
      if (process.uid !== 0) throw new FileError('EACCES', path);
      for (const each of recursivePaths(process, path, flags.has('R') || flags.has('recursive'))) {
        process.files.change(
          each,
          { ...(uid !== undefined && { uid }), ...(wanted !== undefined && { gid: wanted }) },
          !flags.has('h'),
        );
      }
    },
  );
};

const touch: Program = (process, args) => {
  const { flags, operands } = parseOptions(args, ['d', 't', 'r', 'date', 'reference']);
  return forEach(
    process,
    operands,
    (name) => `cannot touch '${name}'`,
    (path) => {
      if (process.files.exists(path)) process.files.change(path, { mtime: process.machine.nowSeconds() });
      else if (!flags.has('c')) {
        checkParent(process, path);
        process.files.write(path, '', { mode: 0o666 & ~process.umask, uid: process.uid, gid: process.gid });
      }
    },
  );
};

const truncate: Program = (process, args) => {
  const { values, operands } = parseOptions(args, ['s', 'size', 'r']);
  const size = values.get('s') ?? values.get('size') ?? '0';
  const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 2 ** 20, G: 2 ** 30 };
  const match = /^(\d+)([KMG]?)/.exec(size);
  const bytes = Number(match?.[1] ?? 0) * (units[match?.[2] ?? ''] ?? 1);
  return forEach(
    process,
    operands,
    (name) => `cannot open '${name}' for writing`,
    (path) => {
      const content = process.files.readIfThere(path) ?? '';
      process.files.write(path, content.slice(0, bytes).padEnd(Math.min(bytes, 16 * 2 ** 20), '\0'));
    },
  );
};

const install: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, [
    'm',
    'mode',
    'o',
    'owner',
    'g',
    'group',
    't',
    'target-directory',
  ]);
  const mode = Number.parseInt(values.get('m') ?? values.get('mode') ?? '755', 8);
  const { accounts } = process.machine;
  const uid = accounts.user(values.get('o') ?? values.get('owner') ?? '')?.uid ?? process.uid;
  const gid = accounts.group(values.get('g') ?? values.get('group') ?? '')?.gid ?? process.gid;
  if (flags.has('d') || flags.has('directory')) {
    return forEach(
      process,
      operands,
      (name) => `cannot create directory '${name}'`,
      (path) => {
        process.files.makeDirectory(path, { parents: true, mode, uid, gid });
        process.files.change(path, { mode, uid, gid });
      },
    );
  }
  const directory = values.get('t') ?? values.get('target-directory');
  const target = directory ?? operands.at(-1) ?? '';
  const sources = directory === undefined ? operands.slice(0, -1) : operands;
  return forEach(
    process,
    sources,
    (name) => `cannot stat '${name}'`,
    (path, name) => {
      const content = name === '/dev/null' ? '' : process.files.read(path);
      const to = destination(process, name, target, false);
      if (flags.has('D')) process.files.makeDirectory(normalisePath('..', to), { parents: true });
      process.files.write(to, content, { mode, uid, gid });
      process.files.change(to, { mode, uid, gid });
    },
  );
};

const mktemp: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['p', 'tmpdir', 'suffix']);
  const template = operands[0] ?? 'tmp.XXXXXXXXXX';
  const random = () =>
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[
      Math.floor(process.machine.random() * 62)
    ] ?? 'x';
  const name = template.replace(/X{3,}(?=[^X]*$)/, (match) => match.replace(/X/g, random));
  const base = values.get('p') ?? values.get('tmpdir') ?? process.env.get('TMPDIR') ?? '/tmp';
  const path =
    operands[0] !== undefined && !flags.has('t') && !flags.has('p') && !flags.has('tmpdir')
      ? process.path(name)
      : normalisePath(name, base);
  const options = { uid: process.uid, gid: process.gid };
  try {
    if (flags.has('d')) process.files.makeDirectory(path, { ...options, mode: 0o700 });
    else if (!flags.has('u')) process.files.write(path, '', { ...options, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return process.fail(
      `failed to create ${flags.has('d') ? 'directory' : 'file'} via template '${template}': ${error.message}`,
    );
  }
  await process.out(`${path}\n`);
  return 0;
};

const links: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  let code = 0;
  for (const name of operands) {
    const path = process.path(name);
    const canonical = process.name === 'realpath' || flags.has('f') || flags.has('e') || flags.has('m');
    if (!canonical) {
      const node = process.files.stat(path, false);
      if (node?.kind === 'link') await process.out(node.target + (flags.has('n') ? '' : '\n'));
      else code = 1;
      continue;
    }
    try {
      const resolved = process.files.resolve(path);
      if (
        (flags.has('e') || (process.name === 'realpath' && !flags.has('m'))) &&
        !process.files.exists(resolved)
      )
        throw new FileError('ENOENT', name);
      await process.out(`${resolved}\n`);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      code = process.name === 'realpath' ? await process.fail(`${name}: ${error.message}`) : 1;
    }
  }
  return code;
};

/** Programs that change the file tree. */
export const filePrograms: Readonly<Record<string, Program>> = {
  mkdir,
  rmdir,
  rm,
  mv,
  cp,
  ln,
  chmod,
  chown,
  chgrp: chown,
  touch,
  truncate,
  install,
  mktemp,
  readlink: links,
  realpath: links,
};
