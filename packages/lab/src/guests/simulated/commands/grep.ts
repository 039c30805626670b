import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';
import { posixRegExp } from './posix-regexp.js';
import { linesOf, readOperands } from './read-operands.js';

/** The program `grep`, and `egrep`, `fgrep`. Options: -E -F -P -i -v -q -c -n -l -L -o -w -x -s -h -H -r -m -A -B -e -f. */
export const grep: Program = async (process, args) => {
  const { flags, values, all, operands } = parseOptions(args, [
    'e',
    'f',
    'm',
    'A',
    'B',
    'C',
    'regexp',
    'include',
    'exclude',
    'exclude-dir',
    'color',
    'max-count',
  ]);
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const rest = [...operands];
  const patterns = [...(all.get('e') ?? []), ...(all.get('regexp') ?? [])];
  const file = values.get('f');
  if (file !== undefined) patterns.push(...linesOf(process.files.readIfThere(process.path(file)) ?? ''));
  if (patterns.length === 0 && file === undefined) {
    const pattern = rest.shift();
    if (pattern === undefined) {
      await process.err('Usage: grep [OPTION]... PATTERNS [FILE]...\n');
      return 2;
    }
    patterns.push(...pattern.split('\n'));
  }
  const matchers = patterns.map((pattern) => matcherOf(process, pattern, has));
  const recursive = has('r', 'R', 'recursive');
  const names = recursive ? expand(process, rest.length === 0 ? ['.'] : rest) : rest;
  const silent = has('s', 'no-messages');
  const { parts, failed } = await readOperands(
    silent ? quiet(process) : process,
    recursive && names.length === 0 ? ['/dev/null'] : names,
  );
  const prefix = has('H') || ((parts.length > 1 || recursive) && !has('h'));
  const limit = Number(values.get('m') ?? values.get('max-count') ?? Number.POSITIVE_INFINITY);
  const [before, after] = [
    Number(values.get('B') ?? values.get('C') ?? 0),
    Number(values.get('A') ?? values.get('C') ?? 0),
  ];
  let found = false;
  for (const { name, text } of parts) {
    const label = name === '-' ? '(standard input)' : name;
    const lines = linesOf(text);
    const hits = lines
      .flatMap((line, index) =>
        matchers.some((matcher) => matcher.test(line)) !== has('v', 'invert-match') ? [index] : [],
      )
      .slice(0, limit);
    if (hits.length > 0) found = true;
    if (has('q', 'quiet', 'silent')) {
      if (found) return 0;
      continue;
    }
    if (has('l', 'files-with-matches')) await process.out(hits.length > 0 ? `${label}\n` : '');
    else if (has('L')) await process.out(hits.length === 0 ? `${label}\n` : '');
    else if (has('c', 'count')) await process.out(`${prefix ? `${label}:` : ''}${hits.length}\n`);
    else {
      const shown = new Set(
        hits.flatMap((hit) =>
          Array.from({ length: before + after + 1 }, (_, offset) => hit - before + offset),
        ),
      );
      const output: string[] = [];
      for (const index of [...shown].sort((left, right) => left - right)) {
        const line = lines[index];
        if (line === undefined) continue;
        const mark = hits.includes(index) ? ':' : '-';
        const head = `${prefix ? `${label}${mark}` : ''}${has('n', 'line-number') ? `${index + 1}${mark}` : ''}`;
        if (has('o', 'only-matching')) {
          for (const matcher of matchers)
            for (const match of line.matchAll(new RegExp(matcher, `${matcher.flags}g`)))
              if (match[0] !== '') output.push(`${head}${match[0]}\n`);
        } else output.push(`${head}${line}\n`);
      }
      await process.out(output.join(''));
    }
  }
  if (failed && !found) return 2;
  return found ? 0 : 1;
};

function matcherOf(process: Process, pattern: string, has: (...names: string[]) => boolean): RegExp {
  const insensitive = has('i', 'ignore-case', 'y') ? 'i' : '';
  const fixed = has('F', 'fixed-strings') || process.name === 'fgrep';
  let source: string;
  if (fixed) source = pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  else if (has('P', 'perl-regexp')) source = pattern.replaceAll('\\K', '');
  else source = posixRegExp(pattern, has('E', 'extended-regexp') || process.name === 'egrep').source;
  if (pattern === '') source = '(?:)';
  if (has('w', 'word-regexp')) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (has('x', 'line-regexp')) source = `^(?:${source})$`;
  return new RegExp(source, insensitive);
}

function expand(process: Process, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const path = process.path(name);
    if (!process.files.isDirectory(path)) return [name];
    return [...process.files.walk(path)]
      .filter(({ node }) => node.kind === 'file')
      .map((entry) => (path === '/' ? entry.path : name + entry.path.slice(path.length)));
  });
}

/** The process without its standard error. */
function quiet(process: Process): Process {
  const silent: Process = Object.create(process);
  silent.err = () => Promise.resolve();
  return silent;
}
