import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhoenixEvent, RunSummary } from '@phoenix/core';
import type { Context } from './context.js';
import { stateDirectory } from './state-directory.js';

/** Runs that are kept; older ones are removed when a new one begins. */
const KEPT_RUNS = 200;

/** The first line of a record: what was asked, where. */
export interface RunHeader {
  readonly type: 'run';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly command: string;
  readonly directory: string;
  readonly endpoint: string;
}

/** A run as `phoenix history` lists it. */
export interface RecordedRun extends Omit<RunHeader, 'type'> {
  /** Names the record: `phoenix history --run <name>`. */
  readonly name: string;
  readonly vmids: readonly number[];
  /** `unfinished`: the process ended without a word. */
  readonly outcome: RunSummary['outcome'] | 'unfinished';
  readonly summary?: RunSummary;
}

/** A record that is being written. */
export interface RunRecord {
  add(event: PhoenixEvent): void;
}

/**
 * Writes what happens to a record, one line per event, each at once, so that a killed run leaves what it did.
 * Events carry no secrets. A record that cannot be written is said once and stops nothing.
 */
export function createRunRecord(context: Context, command: string): RunRecord {
  const folder = runsFolder(context);
  const at = new Date().toISOString();
  const file = join(folder, `${at.replace(/[:.]/g, '-')}-${process.pid}.ndjson`);
  let broken = false;
  const append = (value: RunHeader | PhoenixEvent): void => {
    if (broken) return;
    try {
      appendFileSync(file, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    } catch (error) {
      broken = true;
      const reason = error instanceof Error ? error.message : String(error);
      context.stderr.write(`warning: this run is not recorded: ${reason}\n`);
    }
  };
  try {
    mkdirSync(folder, { recursive: true });
    prune(folder);
  } catch {
    // Appending will say what is wrong.
  }
  const endpoint = context.env.PHOENIX_PVE_URL ?? context.env.PROXMOX_VE_ENDPOINT ?? '';
  append({ type: 'run', at, command, directory: context.cwd, endpoint });
  return { add: append };
}

/** The recorded runs, newest first. */
export async function listRuns(context: Context): Promise<readonly RecordedRun[]> {
  const runs = await Promise.all(listRecords(runsFolder(context)).map((name) => readRun(context, name)));
  return runs.filter((run) => run !== undefined).reverse();
}

/** The events of one run, in order; absent when there is no such record. */
export async function readRunEvents(
  context: Context,
  name: string,
): Promise<readonly PhoenixEvent[] | undefined> {
  const lines = await readLines(context, name);
  return lines?.slice(1).map((line) => JSON.parse(line));
}

async function readRun(context: Context, name: string): Promise<RecordedRun | undefined> {
  const lines = await readLines(context, name);
  const first = lines?.[0];
  if (lines === undefined || first === undefined) return undefined;
  const { at, command, directory, endpoint }: RunHeader = JSON.parse(first);
  const events: readonly PhoenixEvent[] = lines.slice(1).map((line) => JSON.parse(line));
  const started = events.find((event) => event.type === 'run-started');
  const summary = events.find((event) => event.type === 'run-finished')?.summary;
  return {
    name,
    at,
    command,
    directory,
    endpoint,
    vmids: summary?.guests.map((guest) => guest.vmid) ?? started?.targets ?? [],
    outcome: summary?.outcome ?? 'unfinished',
    ...(summary === undefined ? {} : { summary }),
  };
}

/** The whole lines of a record; the last one of a killed run may be cut. */
async function readLines(context: Context, name: string): Promise<readonly string[] | undefined> {
  if (!/^[\w-]+$/.test(name)) return undefined;
  try {
    const text = await readFile(join(runsFolder(context), `${name}.ndjson`), 'utf8');
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

function prune(folder: string): void {
  for (const name of listRecords(folder).slice(0, -(KEPT_RUNS - 1)))
    rmSync(join(folder, `${name}.ndjson`), { force: true });
}

function runsFolder(context: Context): string {
  return join(stateDirectory(context.env), 'runs');
}
