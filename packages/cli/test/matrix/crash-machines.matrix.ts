import { afterAll, describe, expect, it } from 'vitest';
import { isLook, listCuts } from './list-cuts.js';
import { machines } from './machines.js';
import { cutAndRepair, runUndisturbed } from './run-cuts.js';

const fleet = () => machines(3);

describe('a run over machines that is killed', async () => {
  const undisturbed = await runUndisturbed(fleet);
  const cuts = listCuts(undisturbed.requests);
  const missed: string[] = [];

  it.concurrent.each(cuts)('%s is repaired by running again', async (cut) => {
    if (!(await cutAndRepair(fleet, cut, undisturbed.state))) missed.push(cut);
  });

  afterAll(() => {
    expect(missed.filter((cut) => !isLook(cut))).toEqual([]);
    expect(missed.length).toBeLessThan(cuts.length / 5);
  });
});
