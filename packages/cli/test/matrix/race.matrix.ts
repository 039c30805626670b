import { isEmptyPlan, type Orchestrator } from '@phoenix/core';
import { describe, expect, it } from 'vitest';
import { containers } from './containers.js';
import type { FinalState } from './final-state.js';
import { machines } from './machines.js';
import { isNamedError } from './named-error.js';
import { runUnbroken } from './run-faults.js';
import { converge, type Fleet, type MatrixWorld, openWorld } from './world.js';

const rounds = Number(process.env.PHOENIX_MATRIX_ROUNDS ?? 100);
const numbers = Array.from({ length: rounds }, (_, index) => index + 1);
const few = numbers.slice(0, Math.ceil(rounds / 10));

/** The codes with which a run, or the making of its plan, ended; none for a run that went well. */
async function contend(orchestrator: Orchestrator, targets?: readonly number[]): Promise<readonly string[]> {
  try {
    return (await converge(orchestrator, targets)).map(({ code }) => code);
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code');
    if (typeof code !== 'string') throw error;
    return [code];
  }
}

/** A loser may end with a named error; running again must come to the end of one run alone, and leave nothing to do. */
async function expectWhole(
  world: MatrixWorld,
  codes: readonly string[],
  expected: FinalState,
): Promise<void> {
  expect(codes.filter((code) => !isNamedError(code))).toEqual([]);
  const orchestrator = world.embed();
  expect(await converge(orchestrator)).toEqual([]);
  expect(world.state()).toEqual(expected);
  expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
}

async function race(fleet: Fleet, round: number, expected: FinalState): Promise<void> {
  const world = await openWorld(fleet, round);
  try {
    const ends = await Promise.all([contend(world.embed()), contend(world.embed())]);
    await expectWhole(world, ends.flat(), expected);
  } finally {
    await world.close();
  }
}

/** First what both rest on, then each its own. */
async function work(
  fleet: Fleet,
  first: readonly number[],
  [one, other]: readonly [readonly number[], readonly number[]],
  expected: FinalState,
): Promise<void> {
  const world = await openWorld(fleet);
  try {
    expect(await contend(world.embed(), first)).toEqual([]);
    const ends = await Promise.all([contend(world.embed(), one), contend(world.embed(), other)]);
    expect(ends).toEqual([[], []]);
    await expectWhole(world, [], expected);
  } finally {
    await world.close();
  }
}

const pair = () => machines(2);

describe('two orchestrators at once on the same machines', async () => {
  const { state } = await runUnbroken(pair);
  it.concurrent.each(numbers)('round %i: nothing is made twice or torn', (round) => race(pair, round, state));

  it.concurrent.each(few)(
    'on different clones of one template, round %i: they do not disturb each other',
    () => work(pair, [8000], [[8001], [8002]], state),
  );
});

describe('two orchestrators at once on the same containers and a machine', async () => {
  const { state } = await runUnbroken(containers);
  it.concurrent.each(numbers)('round %i: nothing is made twice or torn', (round) =>
    race(containers, round, state),
  );

  it.concurrent.each(few)('on a container and a machine, round %i: they do not disturb each other', () =>
    work(containers, [], [[900], [8100]], state),
  );
});
