import { dirname, resolve } from 'node:path';
import { checkContainerShells } from './check/check-container-shells.js';
import { checkDuplicates } from './check/check-duplicates.js';
import { checkReferences } from './check/check-references.js';
import { createConfigError } from './config-error.js';
import type { ConfigProblem } from './config-problem.js';
import type { Config, DeclaredGuest } from './model.js';
import { type ReadConfigFile, readConfigFile } from './read-config-file.js';

/** A configuration file that was read. */
export interface ConfigSource {
  /** Its path; it stands in problems, and its directory is where relative paths begin. */
  readonly file: string;
  readonly text: string;
}

export interface ParseConfigOptions {
  /** Unknown keys are errors instead of warnings. */
  readonly strict?: boolean;
  /** Base URL that replaces those of the image catalogue. */
  readonly imageMirror?: string;
  /** For `~/`. */
  readonly homeDirectory?: string;
  /** Reads a template of user-data; `undefined` when the file is not there. Without it, none is read. */
  readonly readTextFile?: (path: string) => string | undefined;
  /** Further checks over all guests, such as whether features are known. */
  readonly checks?: readonly ((guests: readonly DeclaredGuest[]) => readonly ConfigProblem[])[];
}

/** What reading the sources gave: a configuration when no problem is an error. */
export interface ParsedConfig {
  readonly config?: Config;
  /** Errors and warnings, by file and line. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads the texts of one or more configuration files and joins them. Pure but for `readTextFile`. Defaults of a
 * file hold for the guests of that file; ids are one space over all of them.
 */
export function inspectConfig(
  sources: readonly ConfigSource[],
  options: ParseConfigOptions = {},
): ParsedConfig {
  const files = sources.map((source) => readConfigFile(source, options));
  const guests = files.flatMap((file) => file.guests).sort((left, right) => left.vmid - right.vmid);
  const checks = [checkDuplicates, checkReferences, ...(options.checks ?? [])];
  const found = [
    ...files.flatMap((file) => file.problems),
    ...checkContainerShells(files),
    ...checks.flatMap((check) => check(guests)),
  ];
  const problems = inOrder(withoutRepeats(found), sources);
  if (problems.some((problem) => problem.severity === 'error')) return { problems };
  return { config: joinFiles(sources, files, guests, problems), problems };
}

/**
 * The configuration that the texts of one or more files declare.
 *
 * @throws PhoenixError `PHOENIX_CONFIG` with all problems under `details.problems`.
 */
export function parseConfig(sources: readonly ConfigSource[], options: ParseConfigOptions = {}): Config {
  const { config, problems } = inspectConfig(sources, options);
  if (config !== undefined) return config;
  throw createConfigError(problems);
}

function joinFiles(
  sources: readonly ConfigSource[],
  files: readonly ReadConfigFile[],
  guests: readonly DeclaredGuest[],
  warnings: readonly ConfigProblem[],
): Config {
  const byId = new Map(guests.map((guest) => [guest.vmid, guest]));
  const containerShell = files.find((file) => file.containerShell !== undefined)?.containerShell?.choice;
  return {
    guests: guests.map((guest) => withCloneSnapshot(guest, byId)),
    images: Object.assign({}, ...files.map((file) => file.images)),
    featurePacks: [...new Set(files.flatMap((file) => file.featurePacks))],
    featureDirectories: [...new Set(files.flatMap((file) => file.featureDirectories))],
    ...(containerShell === undefined ? {} : { containerShell }),
    directory: resolve(dirname(sources[0]?.file ?? '.')),
    files: sources.map((source) => source.file),
    warnings,
  };
}

/** A clone of a declared guest that stays one is made from that guest's snapshot. */
function withCloneSnapshot(guest: DeclaredGuest, byId: ReadonlyMap<number, DeclaredGuest>): DeclaredGuest {
  const source = guest.cloneFrom === undefined ? undefined : byId.get(guest.cloneFrom.vmid);
  if (guest.cloneFrom === undefined || source?.templateSnapshotName === undefined || source.isTemplate)
    return guest;
  return { ...guest, cloneFrom: { ...guest.cloneFrom, snapshotName: source.templateSnapshotName } };
}

/** A value of the defaults that is wrong is wrong once, not once for each guest. */
function withoutRepeats(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = `${problem.file}\0${problem.line}:${problem.column}\0${problem.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function inOrder(
  problems: readonly ConfigProblem[],
  sources: readonly ConfigSource[],
): readonly ConfigProblem[] {
  const order = new Map(sources.map((source, index) => [source.file, index]));
  return [...problems].sort(
    (left, right) =>
      (order.get(left.file) ?? 0) - (order.get(right.file) ?? 0) ||
      left.line - right.line ||
      left.column - right.column,
  );
}
