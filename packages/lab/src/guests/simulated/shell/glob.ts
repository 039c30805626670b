import type { FileTree } from '../files/file-tree.js';
import { normalisePath } from '../files/paths.js';
import { isPattern, patternToRegExp, unescapePattern } from './pattern.js';

/** Existing paths that match a pattern, sorted, written as the pattern is (relative stays relative). */
export function globPaths(files: FileTree, pattern: string, directory: string): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part, index) => part !== '' || index > 0);
  let found = [absolute ? '/' : ''];
  for (const [index, part] of parts.entries()) {
    if (part === '') continue;
    const last = index === parts.length - 1;
    found = found.flatMap((prefix) => matches(files, prefix, part, directory, last));
  }
  return found.filter((path) => files.stat(normalisePath(path, directory), false) !== undefined);
}

function matches(files: FileTree, prefix: string, part: string, directory: string, last: boolean): string[] {
  const join = (name: string) => (prefix === '' || prefix === '/' ? `${prefix}${name}` : `${prefix}/${name}`);
  if (!isPattern(part)) return [join(unescapePattern(part))];
  const here = normalisePath(prefix === '' ? '.' : prefix, directory);
  if (!files.isDirectory(here)) return [];
  const matcher = patternToRegExp(part);
  return files
    .list(here)
    .filter((name) => (part.startsWith('.') || !name.startsWith('.')) && matcher.test(name))
    .filter((name) => last || files.isDirectory(`${here}/${name}`))
    .map(join);
}
