import type { Targets } from '@phoenix/core';
import { CliError } from './cli-error.js';

/**
 * Reads the ids of a command line: `8000`, several of them, or `--all`. Ranges such as `8000-8003` count too.
 * @throws {CliError} `CLI_USAGE` when nothing, or something else than ids, is named
 */
export function parseTargets(words: readonly string[], all: boolean | undefined): Targets {
  if (all === true && words.length > 0)
    throw usage(`--all and ids exclude each other; got both --all and ${words.join(' ')}.`);
  if (all === true) return 'all';
  if (words.length === 0) throw usage('Name at least one id, or --all for every guest of the configuration.');
  return [...new Set(words.flatMap((word) => word.split(',')).flatMap(parseIds))];
}

/**
 * Reads one id.
 * @throws {CliError} `CLI_USAGE`
 */
export function parseId(word: string): number {
  const id = Number(word);
  if (!/^\d+$/.test(word) || id < 100 || id > 999_999_999)
    throw usage(`An id is a whole number from 100 to 999999999; got "${word}".`);
  return id;
}

function parseIds(word: string): readonly number[] {
  const [from, to] = /^(\d+)-(\d+)$/.exec(word)?.slice(1).map(parseId) ?? [];
  if (from === undefined || to === undefined) return [parseId(word)];
  if (to < from || to - from > 9_999)
    throw usage(`The range ${word} must run upwards over at most 10000 ids.`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function usage(message: string): CliError {
  return new CliError({ code: 'CLI_USAGE', exit: 'usage', message });
}
