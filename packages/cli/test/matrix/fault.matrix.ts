import type { FaultEffect } from '@phoenix/lab';
import { describe, expect, it } from 'vitest';
import { isEmptyPlan, PHOENIX_ERROR_CODES } from '../../src/index.js';
import { failures, finish, openLab } from '../lab-session.js';
import { smallFleet } from './fleet.js';

const effects: Readonly<Record<string, FaultEffect>> = {
  'cut before it has an effect': 'drop-before',
  'cut after its effect': 'drop-after',
  'a lock that is not to be had': 'lock-timeout',
  '500': { status: 500 },
  '595': { status: 595, reason: 'Connection refused' },
  '596': { status: 596, reason: 'Connection timed out' },
  'a failing task': { task: 'fail', log: 'something broke' },
  'a task with warnings': { task: 'warnings', log: 'something is odd' },
};

/** Every changing call of an undisturbed run, by its place: `POST /nodes/pve/qemu`. */
async function listCalls(): Promise<readonly string[]> {
  const session = await openLab({ seed: 1 });
  try {
    const orchestrator = session.orchestrator(smallFleet);
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run)).toEqual([]);
    return [...new Set(session.mutations(0))];
  } finally {
    await session.close();
  }
}

function isNamed(code: string): boolean {
  return code in PHOENIX_ERROR_CODES
    ? code !== 'PHOENIX_INTERNAL'
    : /^(PVE|FEATURES|CLOUDINIT)_[A-Z_]+$/.test(code);
}

async function breakAndRepair(call: string, effect: FaultEffect): Promise<void> {
  const session = await openLab({ seed: 1 });
  try {
    const orchestrator = session.orchestrator(smallFleet);
    session.lab.faults.add({ on: call, nth: 1, effect });
    const broken = await finish(orchestrator.apply(await orchestrator.plan('all')));
    for (const event of broken.events)
      if (event.type === 'action-failed')
        expect(isNamed(event.code), `${event.code}: ${event.message}`).toBe(true);
    session.lab.faults.clear();
    const repaired = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(repaired)).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
    const guests = await session.client.request('GET /nodes/{node}/qemu', { node: 'pve' });
    expect(guests.map((guest) => guest.vmid).sort()).toEqual([8000, 8001, 8002]);
  } finally {
    await session.close();
  }
}

describe('a fault in one call', async () => {
  const calls = await listCalls();
  const cases = calls.flatMap((call) =>
    Object.entries(effects).map(([name, effect]) => [call, name, effect] as const),
  );

  it.each(cases)(
    '%s, %s: ends well or with a named error, and running again repairs it',
    (call, _name, effect) => breakAndRepair(call, effect),
    120_000,
  );
});
