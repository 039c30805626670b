import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from './context.js';
import { stateDirectory } from './state-directory.js';

/** A lab that runs: what others need to reach it, and the process it lives in. */
export interface LabRecord {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  readonly fingerprint: string;
  readonly imageMirror: string;
  readonly release: string;
  readonly guests: string;
}

/** The folder of a lab: `run.json` while it runs, `lab.log` when in the background, `data/` for what it holds. */
export function labFolder(context: Context, option: string | undefined): string {
  return option === undefined ? join(stateDirectory(context.env), 'lab') : resolve(context.cwd, option);
}

/** The lab that runs in a folder; absent when none does, also when one died without a word. */
export async function readLabRecord(folder: string): Promise<LabRecord | undefined> {
  const record = await readLastLabRecord(folder);
  return record !== undefined && isAlive(record.pid) ? record : undefined;
}

/** The lab that runs in a folder, or the one that died there without a word. */
export async function readLastLabRecord(folder: string): Promise<LabRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Notes that a lab runs. The file holds a token: only its owner may read it. */
export async function writeLabRecord(folder: string, record: LabRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

/** Notes that no lab runs. */
export async function removeLabRecord(folder: string): Promise<void> {
  await rm(join(folder, 'run.json'), { force: true });
}

/** Whether a process with this id runs. One that is dead but was not collected by its parent, as happens in containers without an init, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Not Linux.
    return false;
  }
}
