import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PhoenixEvent } from '@phoenix/core';
import type { Context } from './context.js';
import { runsFolder } from './runs-folder.js';

/** Runs that are kept: so many, and none that is older than so many days. The others go when a new one begins. */
const KEPT_RUNS = 200;
const KEPT_DAYS = 90;

/** The first line of a record: what was asked, where, and by which process. */
export interface RunHeader {
  readonly type: 'run';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly command: string;
  readonly directory: string;
  /** Addresses without what else may stand in a URL. */
  readonly endpoint: string;
  readonly host: string;
  readonly pid: number;
}

/** The last line of a record whose run ended before it could sum up; of the error only the code, whose text may say anything. */
export interface RunRefusal {
  readonly type: 'run-refused';
  readonly at: string;
  readonly code: string;
}

/** A record that is being written. */
export interface RunRecord {
  add(event: PhoenixEvent): void;
  /** Remembers that the run ended with an error instead of a summary. */
  refuse(error: unknown): void;
}

/**
 * Writes what happens to a record, one line per event, each at once, so that a killed run leaves what it did. Only this user can read it.
 * Events carry no secrets. A record that cannot be written is said once and stops nothing.
 */
export function createRunRecord(context: Context, command: string): RunRecord {
  const folder = runsFolder(context.env);
  const now = new Date();
  const at = now.toISOString();
  const file = join(folder, `${at.replace(/[:.]/g, '-')}-${process.pid}.ndjson`);
  let broken = false;
  const append = (value: RunHeader | RunRefusal | PhoenixEvent): void => {
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
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    prune(folder, now);
  } catch {
    // Appending will say what is wrong.
  }
  append({
    type: 'run',
    at,
    command,
    directory: context.cwd,
    endpoint: originsOf(context.env.PHOENIX_PVE_URL ?? context.env.PROXMOX_VE_ENDPOINT ?? ''),
    host: hostname(),
    pid: process.pid,
  });
  return {
    add: append,
    refuse: (error) =>
      append({ type: 'run-refused', at: new Date().toISOString(), code: codeOf(error) ?? 'PHOENIX_BUG' }),
  };
}

function originsOf(addresses: string): string {
  return addresses
    .split(/[\s,]+/)
    .flatMap((address) => (URL.canParse(address) ? [new URL(address).origin] : []))
    .join(' ');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function prune(folder: string, now: Date): void {
  const records = readdirSync(folder)
    .filter((file) => file.endsWith('.ndjson'))
    .sort();
  const oldest = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString().slice(0, 10);
  for (const [index, file] of records.entries())
    if (records.length - index >= KEPT_RUNS || file < oldest) rmSync(join(folder, file), { force: true });
}
