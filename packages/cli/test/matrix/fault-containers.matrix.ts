import { describe, it } from 'vitest';
import { containers } from './containers.js';
import { listFaults } from './fault-effects.js';
import { breakAndRepair, runUnbroken } from './run-faults.js';

describe('a fault in one call of a run over containers and a machine', async () => {
  const { calls, state } = await runUnbroken(containers);

  it.concurrent.each(listFaults(calls))(
    '%s: it ends well or with a named error, and running again repairs it',
    (_title, call, effect) => breakAndRepair(containers, call, effect, state),
  );
});
