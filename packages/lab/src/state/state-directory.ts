import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { isProcessAlive } from './is-process-alive.js';
import type { JsonValue } from './json.js';
import type { LabState } from './lab-state.js';
import { trackChanges } from './track-changes.js';

/** A journal larger than this is folded into a new snapshot. */
const FOLD_AT_BYTES = 8 * 1024 * 1024;

type Change = readonly [collection: string, key: string, value: JsonValue | null];

/**
 * A state on disk that survives `kill -9` at any moment: a snapshot, and a journal with one line per commit. A line that was cut off is left out when
 * reading, so a commit is there as a whole or not at all. Committed means handed to the operating system: what survives the process; a loss of power may
 * take the last commits.
 */
export interface StateDirectory {
  /** The state, as found or as `create` made it. Changes below it are noticed by themselves. */
  readonly state: LabState;
  /** True when there was one already. */
  readonly found: boolean;
  /** False when the lab that had it was killed. */
  readonly clean: boolean;
  /** Writes the records that changed since the last commit. */
  commit(): void;
  close(): void;
}

/** Opens the state in a directory, or makes one. @throws LabError LAB_STATE when what is there cannot be read, or another lab uses it. */
export function openStateDirectory(directory: string, create: () => LabState): StateDirectory {
  mkdirSync(directory, { recursive: true });
  const lockFile = join(directory, 'lab.pid');
  const left = takeLock(lockFile, directory);
  const latest = Math.max(-1, ...snapshots(directory));
  const data = latest < 0 ? create() : readState(directory, latest);
  if (data.meta.version !== 1) {
    throw new LabError(
      'LAB_STATE',
      `The state in ${directory} has version ${String(data.meta.version)}; this lab reads version 1.`,
      {
        hint: 'Use another directory, or reset it.',
      },
    );
  }
  let generation = Math.max(0, latest);
  let journal = -1;
  let size = 0;
  let dirty = new Map<string, readonly [string, string]>();
  const state = trackChanges(
    data,
    (collection, key) => void dirty.set(`${collection}\0${key}`, [collection, key]),
  );

  const fold = (): void => {
    generation += 1;
    const target = join(directory, `state-${generation}.json`);
    const partial = `${target}.partial`;
    const file = openSync(partial, 'w');
    writeSync(file, JSON.stringify(data));
    fsyncSync(file);
    closeSync(file);
    renameSync(partial, target);
    if (journal >= 0) closeSync(journal);
    journal = openSync(join(directory, `journal-${generation}.jsonl`), 'a');
    size = 0;
    dirty = new Map();
    for (const name of readdirSync(directory)) {
      const number = /^(?:state|journal)-(\d+)\.jsonl?$/.exec(name)?.[1];
      if (number !== undefined && Number(number) < generation) rmSync(join(directory, name), { force: true });
    }
  };
  fold();

  return {
    state,
    found: latest >= 0,
    clean: !left,
    commit: () => {
      if (dirty.size === 0) return;
      const changes: Change[] = [];
      for (const [collection, key] of dirty.values())
        changes.push([collection, key, valueAt(data, collection, key)]);
      dirty = new Map();
      const line = `${JSON.stringify(changes)}\n`;
      appendFileSync(journal, line);
      size += line.length;
      if (size > FOLD_AT_BYTES) fold();
    },
    close: () => {
      fold();
      closeSync(journal);
      rmSync(lockFile, { force: true });
    },
  };
}

function valueAt(data: LabState, collection: string, key: string): JsonValue | null {
  const records: unknown = Reflect.get(data, collection);
  const value: unknown =
    typeof records === 'object' && records !== null
      ? key === ''
        ? records
        : Reflect.get(records, key)
      : undefined;
  return isJson(value) ? value : null;
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function snapshots(directory: string): number[] {
  const numbers: number[] = [];
  for (const name of readdirSync(directory)) {
    const number = /^state-(\d+)\.json$/.exec(name)?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers;
}

function readState(directory: string, generation: number): LabState {
  const file = join(directory, `state-${generation}.json`);
  try {
    const data: LabState = JSON.parse(readFileSync(file, 'utf8'));
    const journal = join(directory, `journal-${generation}.jsonl`);
    if (existsSync(journal)) replay(data, journal);
    return data;
  } catch (error) {
    throw new LabError('LAB_STATE', `The lab's state ${file} cannot be read.`, {
      cause: error,
      hint: 'Reset the state directory.',
    });
  }
}

function replay(data: LabState, journal: string): void {
  const text = readFileSync(journal, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  for (const line of text.slice(0, end).split('\n')) {
    if (line === '') continue;
    const changes: Change[] = JSON.parse(line);
    for (const [collection, key, value] of changes) {
      const records: unknown = Reflect.get(data, collection);
      if (key === '') Reflect.set(data, collection, value);
      else if (typeof records !== 'object' || records === null) continue;
      else if (value === null) Reflect.deleteProperty(records, key);
      else Reflect.set(records, key, value);
    }
  }
  if (end < text.length) truncateSync(journal, Buffer.byteLength(text.slice(0, end)));
}

/** Takes the directory; true when its last user has left its mark, because it was killed. */
function takeLock(lockFile: string, directory: string): boolean {
  const left = existsSync(lockFile);
  if (left) {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    if (pid !== process.pid && isProcessAlive(pid)) {
      throw new LabError(
        'LAB_STATE',
        `The state directory ${directory} is in use by the lab with process id ${pid}.`,
        {
          hint: 'Stop that lab, or use another directory.',
        },
      );
    }
  }
  const file = openSync(lockFile, 'w');
  writeSync(file, String(process.pid));
  closeSync(file);
  return left;
}
