import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isEmptyPlan } from '@phoenix/core';
import { expect } from 'vitest';
import type { FinalState } from './final-state.js';
import { converge, type Fleet, openWorld } from './world.js';

const preload = `--import=${fileURLToPath(new URL('./kill-at-request.mjs', import.meta.url))}`;

/** What a run without a cut asks for, by name, and leaves behind. */
export interface Undisturbed {
  readonly requests: readonly string[];
  readonly state: FinalState;
}

/** Runs the command line on a new world to its end, with its requests written down. */
export async function runUndisturbed(fleet: Fleet): Promise<Undisturbed> {
  const world = await openWorld(fleet);
  const trace = join(tmpdir(), `phoenix-trace-${process.pid}`);
  try {
    const run = await world.runCommand({ NODE_OPTIONS: preload, PHOENIX_TEST_TRACE: trace });
    expect(run.stderr).toBe('');
    expect(run.status, run.stdout).toBe(0);
    expect(isEmptyPlan(await world.embed().plan('all'))).toBe(true);
    return { requests: readFileSync(trace, 'utf8').trim().split('\n'), state: world.state() };
  } finally {
    rmSync(trace, { force: true });
    await world.close();
  }
}

/**
 * Kills the command line at a cut and runs again: the end must be that of a run without a cut, and nothing left to do. After a cut at a changing
 * request on the wire the command line itself runs again, otherwise an embedded orchestrator, as from another machine. False when the run never came to the cut.
 */
export async function cutAndRepair(fleet: Fleet, cut: string, expected: FinalState): Promise<boolean> {
  const world = await openWorld(fleet);
  try {
    const killed = await world.runCommand({ NODE_OPTIONS: preload, PHOENIX_TEST_CUT: cut });
    if (killed.status !== null) {
      expect(killed.status, `${cut}\n${killed.stdout}`).toBe(0);
      return false;
    }
    const orchestrator = world.embed();
    if (cut.startsWith('sent ') && !cut.startsWith('sent FRAME ')) {
      const repaired = await world.runCommand();
      expect(repaired.stderr, cut).toBe('');
      expect(repaired.status, `${cut}\n${repaired.stdout}`).toBe(0);
    } else expect(await converge(orchestrator), cut).toEqual([]);
    expect(world.state(), cut).toEqual(expected);
    expect(isEmptyPlan(await orchestrator.plan('all')), cut).toBe(true);
    return true;
  } finally {
    await world.close();
  }
}
