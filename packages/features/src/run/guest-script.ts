import { readFileSync } from 'node:fs';
import { packagedDirectory } from '../packaged-files.js';

/** The scripts under `guest/` that run inside a guest, one round trip each. */
export type GuestScriptName =
  | 'probe'
  | 'glance'
  | 'deliver'
  | 'start'
  | 'poll'
  | 'kill'
  | 'finish'
  | 'reboot';

const NEEDS_JOB_STATE: ReadonlySet<GuestScriptName> = new Set(['start', 'poll', 'kill']);
const texts = new Map<GuestScriptName, string>();

/** Yields the text of a guest script, with the functions that it shares; without comment lines, to keep trips short. */
export function guestScript(name: GuestScriptName): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const directory = packagedDirectory('guest');
  const read = (file: string): string => readFileSync(new URL(`${file}.sh`, directory), 'utf8');
  const text = (NEEDS_JOB_STATE.has(name) ? `${read('job-state')}\n${read(name)}` : read(name))
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n');
  texts.set(name, text);
  return text;
}
