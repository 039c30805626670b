import type { Action, StepName } from '../plan/plan.js';

/** Steps that only ask now and then; they take no place among the actions that run at the same time. */
const waits: ReadonlySet<StepName> = new Set(['wait-agent', 'wait-cloud-init']);

/** What an action occupies while it runs. One writer per guest follows from the plan's order, not from here. */
export function actionKeys(action: Action): readonly string[] {
  if (waits.has(action.step)) return [];
  const keys = ['run'];
  const { node, storage, source, alone } = action.input;
  if (action.step === 'clone') keys.push(`${alone === true ? 'locked-source' : 'source'}:${String(source)}`);
  if (typeof node === 'string') keys.push(`write:${node}${typeof storage === 'string' ? `/${storage}` : ''}`);
  return keys;
}

/**
 * How many may hold a key at once. A node answers with three workers that each handle one request at a time, clones of one
 * machine template share its lock for reading while a container that is cloned is locked for everybody else, and a storage copies several
 * disks slower than one after the other.
 */
export function limitCapacity(parallel: number): (key: string) => number {
  const table: Readonly<Record<string, number>> = {
    run: parallel,
    source: 8,
    'locked-source': 1,
    write: 8,
    agent: 3,
    upload: 2,
    observe: 16,
  };
  return (key) => table[key.split(':')[0] ?? ''] ?? 1;
}
