import { isEmptyPlan } from '@phoenix/core';
import type { FaultEffect } from '@phoenix/lab';
import { expect } from 'vitest';
import { type Call, isFaultable } from './fault-effects.js';
import type { FinalState } from './final-state.js';
import { isNamedError } from './named-error.js';
import { converge, type Failure, type Fleet, openWorld } from './world.js';

/** What a run without a fault calls, and leaves behind. */
export interface Unbroken {
  readonly calls: readonly Call[];
  readonly state: FinalState;
}

/** Runs an embedded orchestrator on a new world to its end. */
export async function runUnbroken(fleet: Fleet): Promise<Unbroken> {
  const world = await openWorld(fleet);
  try {
    expect(await converge(world.embed())).toEqual([]);
    const counts = new Map<string, number>();
    const calls = world.lab.requests.flatMap(({ method, path }): readonly Call[] => {
      if (!isFaultable(method, path)) return [];
      // A seed's name follows from its content, and that from the MAC addresses that the cluster draws.
      const on = `${method} ${path.replace(/\/content\/.*/, '/content/**')}`;
      const nth = (counts.get(on) ?? 0) + 1;
      counts.set(on, nth);
      return [{ on, nth }];
    });
    expect(isEmptyPlan(await world.embed().plan('all'))).toBe(true);
    return { calls, state: world.state() };
  } finally {
    await world.close();
  }
}

/**
 * Breaks one call of a run: it ends well, or with errors that have a name; running again comes to the end of a run without a fault, and leaves
 * nothing to do.
 */
export async function breakAndRepair(
  fleet: Fleet,
  call: Call,
  effect: FaultEffect,
  expected: FinalState,
): Promise<void> {
  const world = await openWorld(fleet);
  try {
    world.lab.faults.add({ ...call, effect });
    const broken: readonly Failure[] = await converge(world.embed());
    expect(broken.filter(({ code }) => !isNamedError(code))).toEqual([]);
    if (broken.length === 0) expect(world.state()).toEqual(expected);
    world.lab.faults.clear();
    const orchestrator = world.embed();
    expect(await converge(orchestrator), `after ${JSON.stringify(broken)}`).toEqual([]);
    expect(world.state(), `after ${JSON.stringify(broken)}`).toEqual(expected);
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
  } finally {
    await world.close();
  }
}
