import { describe, it } from 'vitest';
import { listFaults } from './fault-effects.js';
import { machines } from './machines.js';
import { breakAndRepair, runUnbroken } from './run-faults.js';

const fleet = () => machines(2);

describe('a fault in one call of a run over machines', async () => {
  const { calls, state } = await runUnbroken(fleet);

  it.concurrent.each(listFaults(calls))(
    '%s: it ends well or with a named error, and running again repairs it',
    (_title, call, effect) => breakAndRepair(fleet, call, effect, state),
  );
});
