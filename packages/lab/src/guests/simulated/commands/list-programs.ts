import type { FileNode } from '../files/file-node.js';
import { nameOf } from '../files/paths.js';
import { patternToRegExp } from '../shell/pattern.js';
import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';

/** `drwxr-xr-x`. */
export function modeText(node: FileNode): string {
  const kind =
    node.kind === 'directory'
      ? 'd'
      : node.kind === 'link'
        ? 'l'
        : node.kind === 'device'
          ? node.device === 'block'
            ? 'b'
            : 'c'
          : '-';
  let text = '';
  for (const shift of [6, 3, 0]) {
    const bits = node.mode >> shift;
    text += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  }
  return kind + text;
}

const sizeOf = (node: FileNode) =>
  node.kind === 'file' ? node.content.length : node.kind === 'link' ? node.target.length : 4096;
const userName = (process: Process, uid: number) =>
  process.machine.accounts.user(String(uid))?.name ?? String(uid);
const groupName = (process: Process, gid: number) =>
  process.machine.accounts.group(String(gid))?.name ?? String(gid);

function longLine(process: Process, node: FileNode, name: string, numeric: boolean): string {
  const owner = numeric ? String(node.uid) : userName(process, node.uid);
  const group = numeric ? String(node.gid) : groupName(process, node.gid);
  const date = new Date(node.mtime * 1000).toUTCString();
  const when = `${date.slice(8, 11)} ${date.slice(5, 7).replace(/^0/, ' ')} ${date.slice(17, 22)}`;
  const target = node.kind === 'link' ? ` -> ${node.target}` : '';
  return `${modeText(node)} 1 ${owner} ${group} ${sizeOf(node)} ${when} ${name}${target}`;
}

const ls: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const long = flags.has('l') || flags.has('n');
  let code = 0;
  const print = (entries: readonly { name: string; path: string }[]) => {
    const lines = entries.flatMap(({ name, path }) => {
      const node = process.files.stat(path, false);
      if (node === undefined) return [];
      const suffix = flags.has('p') || flags.has('F') ? (node.kind === 'directory' ? '/' : '') : '';
      return [long ? longLine(process, node, name, flags.has('n')) : name + suffix];
    });
    if (flags.has('r')) lines.reverse();
    return lines.length === 0 ? Promise.resolve() : process.out(`${lines.join('\n')}\n`);
  };
  const directories: string[] = [];
  const files: { name: string; path: string }[] = [];
  for (const name of operands.length === 0 ? ['.'] : operands) {
    const path = process.path(name);
    const node = process.files.stat(path) ?? process.files.stat(path, false);
    if (node === undefined) {
      await process.err(`ls: cannot access '${name}': No such file or directory\n`);
      code = 2;
    } else if (node.kind === 'directory' && !flags.has('d')) directories.push(name);
    else files.push({ name, path });
  }
  await print(files);
  for (const [index, name] of directories.entries()) {
    const path = process.path(name);
    if (directories.length + files.length > 1)
      await process.out(`${index > 0 || files.length > 0 ? '\n' : ''}${name}:\n`);
    const names = process.files
      .list(path)
      .filter((entry) => flags.has('a') || flags.has('A') || !entry.startsWith('.'));
    const all = flags.has('a') ? ['.', '..', ...names] : names;
    if (long) await process.out('total 0\n');
    await print(
      all.map((entry) => ({
        name: entry,
        path: entry === '.' ? path : `${path === '/' ? '' : path}/${entry}`,
      })),
    );
  }
  return code;
};

const stat: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['c', 'format', 'printf']);
  const format = values.get('c') ?? values.get('format') ?? values.get('printf');
  let code = 0;
  for (const name of operands) {
    const path = process.path(name);
    const node = process.files.stat(path, flags.has('L') || flags.has('dereference'));
    if (node === undefined) {
      code = await process.fail(`cannot statx '${name}': No such file or directory`);
      continue;
    }
    const kinds = {
      file: sizeOf(node) === 0 ? 'regular empty file' : 'regular file',
      directory: 'directory',
      link: 'symbolic link',
      device: 'character special file',
    };
    const fields: Readonly<Record<string, string>> = {
      a: node.mode.toString(8),
      A: modeText(node),
      u: String(node.uid),
      U: userName(process, node.uid),
      g: String(node.gid),
      G: groupName(process, node.gid),
      s: String(sizeOf(node)),
      n: name,
      N: `'${name}'`,
      F: kinds[node.kind],
      Y: String(node.mtime),
      X: String(node.mtime),
      Z: String(node.mtime),
      y: new Date(node.mtime * 1000).toISOString(),
      h: '1',
      i: '1',
      f: (0o100000 | node.mode).toString(16),
      m: '/',
      T: '0',
      t: '0',
      d: '2049',
    };
    if (format === undefined) {
      await process.out(
        `  File: ${name}\n  Size: ${fields.s}\t${fields.F}\nAccess: (${node.mode.toString(8).padStart(4, '0')}/${fields.A})  Uid: (${node.uid}/${fields.U})   Gid: (${node.gid}/${fields.G})\n`,
      );
      continue;
    }
    const text = format.replace(/%([a-zA-Z%])/g, (_match, letter: string) =>
      letter === '%' ? '%' : (fields[letter] ?? '?'),
    );
    await process.out(
      values.has('printf') ? text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : `${text}\n`,
    );
  }
  return code;
};

type Test = (entry: { path: string; node: FileNode }) => boolean;

const find: Program = async (process, args) => {
  const split = args.findIndex((arg) => /^[-(!]/.test(arg) && !/^-[LHP]$/.test(arg));
  const roots = (split < 0 ? args : args.slice(0, split)).filter((arg) => !/^-[LHP]$/.test(arg));
  const rest = split < 0 ? [] : args.slice(split);
  const tests: Test[] = [];
  const actions: { kind: 'print' | 'print0' | 'delete' | 'exec'; argv?: string[]; batch?: boolean }[] = [];
  let [minDepth, maxDepth] = [0, Number.POSITIVE_INFINITY];
  let negate = false;
  let either: Test[] | undefined;
  const add = (test: Test) => {
    const wrapped: Test = negate ? (entry) => !test(entry) : test;
    negate = false;
    if (either === undefined) tests.push(wrapped);
    else {
      const previous = either;
      either = undefined;
      tests.push((entry) => previous.every((each) => each(entry)) || wrapped(entry));
    }
  };
  for (let index = 0; index < rest.length; index += 1) {
    const arg = rest[index] ?? '';
    const value = () => rest[++index] ?? '';
    if (arg === '!' || arg === '-not') negate = true;
    else if (arg === '-o' || arg === '-or') either = tests.splice(0);
    else if (arg === '-type') {
      const kinds: Readonly<Record<string, FileNode['kind']>> = {
        f: 'file',
        d: 'directory',
        l: 'link',
        c: 'device',
        b: 'device',
      };
      const wanted = kinds[value()];
      add(({ node }) => node.kind === wanted);
    } else if (arg === '-name' || arg === '-iname') {
      const pattern = value();
      const matcher = new RegExp(patternToRegExp(pattern).source, arg === '-iname' ? 'i' : '');
      add(({ path }) => matcher.test(nameOf(path)));
    } else if (arg === '-path' || arg === '-wholename') {
      const matcher = patternToRegExp(value());
      add(({ path }) => matcher.test(path));
    } else if (arg === '-maxdepth') maxDepth = Number(value());
    else if (arg === '-mindepth') minDepth = Number(value());
    else if (arg === '-empty')
      add(({ path, node }) =>
        node.kind === 'directory' ? process.files.list(process.path(path)).length === 0 : sizeOf(node) === 0,
      );
    else if (arg === '-perm') {
      const mode = value();
      const bits = Number.parseInt(mode.replace(/^[-/]/, ''), 8);
      add(({ node }) =>
        mode.startsWith('-')
          ? (node.mode & bits) === bits
          : mode.startsWith('/')
            ? (node.mode & bits) !== 0
            : (node.mode & 0o7777) === bits,
      );
    } else if (arg === '-user') {
      const uid = process.machine.accounts.user(value())?.uid;
      add(({ node }) => node.uid === uid);
    } else if (arg === '-mtime' || arg === '-mmin' || arg === '-newer' || arg === '-size') value();
    else if (arg === '-print') actions.push({ kind: 'print' });
    else if (arg === '-print0') actions.push({ kind: 'print0' });
    else if (arg === '-delete') actions.push({ kind: 'delete' });
    else if (arg === '-exec' || arg === '-execdir') {
      const argv: string[] = [];
      for (let word = value(); word !== ';' && word !== '+' && index < rest.length; word = value())
        argv.push(word);
      actions.push({ kind: 'exec', argv, batch: rest[index] === '+' });
    }
  }
  if (actions.length === 0) actions.push({ kind: 'print' });
  let code = 0;
  for (const root of roots.length === 0 ? ['.'] : roots) {
    const base = process.path(root);
    if (process.files.stat(base, false) === undefined) {
      code = await process.fail(`'${root}': No such file or directory`);
      continue;
    }
    const found = [...process.files.walk(base)]
      .map(({ path, node }) => ({
        path:
          path === base
            ? root
            : `${root === '/' ? '' : root.replace(/\/$/, '')}${path.slice(base === '/' ? 0 : base.length)}`,
        node,
        depth: depthOf(path, base),
      }))
      .filter(
        (entry) => entry.depth >= minDepth && entry.depth <= maxDepth && tests.every((test) => test(entry)),
      );
    for (const action of actions)
      code = Math.max(
        code,
        await act(
          process,
          action,
          found.map((entry) => entry.path),
        ),
      );
  }
  return code;
};

function depthOf(path: string, base: string): number {
  return path === base ? 0 : path.slice(base === '/' ? 0 : base.length).split('/').length - 1;
}

async function act(
  process: Process,
  action: { kind: string; argv?: string[]; batch?: boolean },
  paths: readonly string[],
): Promise<number> {
  if (action.kind === 'print') await process.out(paths.map((path) => `${path}\n`).join(''));
  else if (action.kind === 'print0') await process.out(paths.map((path) => `${path}\0`).join(''));
  else if (action.kind === 'delete')
    for (const path of [...paths].reverse()) process.files.remove(process.path(path));
  else if (action.argv !== undefined && paths.length > 0) {
    const argv = action.argv;
    if (action.batch === true)
      return runChild(
        process,
        argv.flatMap((word) => (word === '{}' ? paths : [word])),
      );
    for (const path of paths)
      await runChild(
        process,
        argv.map((word) => word.replaceAll('{}', path)),
      );
  }
  return 0;
}

/** Runs another program with this process' open files and waits for it. */
export async function runChild(
  process: Process,
  argv: readonly string[],
  changes: { env?: ReadonlyMap<string, string>; uid?: number; gid?: number; cwd?: string } = {},
): Promise<number> {
  const env = changes.env ?? process.env;
  const found = process.machine.findProgram(argv[0] ?? '', env.get('PATH') ?? '/usr/bin:/bin', process.cwd);
  if (found.kind === 'missing') {
    await process.err(`${process.name}: '${argv[0]}': No such file or directory\n`);
    return 127;
  }
  if (found.kind === 'denied') {
    await process.err(`${process.name}: '${argv[0]}': Permission denied\n`);
    return 126;
  }
  for (const file of process.open.values()) file.holders += 1;
  const child = process.machine.exec(process, { argv, env, files: new Map(process.open), ...changes }, found);
  try {
    const status = await process.waitFor(child.exited);
    return status.code ?? 128 + (status.signal ?? 0);
  } catch (error) {
    child.kill(process.killedBy ?? 9);
    throw error;
  }
}

/** Programs that look at the file tree. */
export const listPrograms: Readonly<Record<string, Program>> = { ls, stat, find };
