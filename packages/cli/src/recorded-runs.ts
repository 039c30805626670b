import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PhoenixEvent, RunSummary } from '@phoenix/core';
import type { Context } from './context.js';
import type { RunHeader, RunRefusal } from './run-record.js';
import { runsFolder } from './runs-folder.js';

/** A run as `phoenix history` lists it. */
export interface RecordedRun extends Omit<RunHeader, 'type' | 'host' | 'pid'> {
  /** Names the record: `phoenix history <name>`. */
  readonly name: string;
  readonly vmids: readonly number[];
  /** `refused`: an error ended it before it could sum up; `killed`: its process ended without a word; `running`: it has not ended. */
  readonly outcome: RunSummary['outcome'] | 'refused' | 'killed' | 'running';
  /** The code of the error, where an error ended the run. */
  readonly code?: string;
  /** Absent while it runs; of a killed run the time until its last word. */
  readonly durationMs?: number;
  readonly summary?: RunSummary;
}

type Line = RunHeader | RunRefusal | PhoenixEvent;

/** The recorded runs, newest first. What is no record is passed over. */
export async function listRuns(context: Context): Promise<readonly RecordedRun[]> {
  const runs = await Promise.all(listRecords(runsFolder(context.env)).map((name) => readRun(context, name)));
  return runs.filter((run) => run !== undefined).reverse();
}

/** The events of one run, in order; absent when there is no such record. */
export async function readRunEvents(
  context: Context,
  name: string,
): Promise<readonly PhoenixEvent[] | undefined> {
  const lines = await readLines(context, name);
  return lines?.flatMap((line) => {
    const value = parseLine(line);
    return value === undefined || value.type === 'run' || value.type === 'run-refused' ? [] : [value];
  });
}

/** One run as the list has it; absent when there is no such record. */
export async function readRun(context: Context, name: string): Promise<RecordedRun | undefined> {
  const lines = await readLines(context, name);
  const header = parseLine(lines?.[0]);
  if (lines === undefined || header?.type !== 'run') return undefined;
  // The ends are enough: a record may be long.
  const started = parseLine(lines[1]);
  const last = parseLine(lines.at(-1));
  const { at, command, directory, endpoint } = header;
  const base = { name, at, command, directory, endpoint };
  const targets = started?.type === 'run-started' ? started.targets : [];
  const durationMs = last === undefined ? 0 : Date.parse(last.at) - Date.parse(at);
  if (last?.type === 'run-finished') {
    const { summary } = last;
    const vmids = summary.guests.map((guest) => guest.vmid);
    return { ...base, vmids, outcome: summary.outcome, durationMs: summary.durationMs, summary };
  }
  if (last?.type === 'run-refused')
    return { ...base, vmids: targets, outcome: 'refused', code: last.code, durationMs };
  return isAlive(header)
    ? { ...base, vmids: targets, outcome: 'running' }
    : { ...base, vmids: targets, outcome: 'killed', durationMs };
}

/** Whether the process that writes the record still runs; on another machine it is not known, and taken for ended. */
function isAlive({ host, pid }: RunHeader): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process has got the number.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function parseLine(line: string | undefined): Line | undefined {
  if (line === undefined) return undefined;
  try {
    const value: Line = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value && 'at' in value
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

/** The whole lines of a record; the last one of a killed run may be cut. */
async function readLines(context: Context, name: string): Promise<readonly string[] | undefined> {
  if (!/^[\w-]+$/.test(name)) return undefined;
  try {
    const text = await readFile(join(runsFolder(context.env), `${name}.ndjson`), 'utf8');
    return text.split('\n').slice(0, -1);
  } catch {
    return undefined;
  }
}

function listRecords(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.ndjson'))
      .map((file) => file.slice(0, -'.ndjson'.length))
      .sort();
  } catch {
    return [];
  }
}
