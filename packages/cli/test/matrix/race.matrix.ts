import { describe, expect, it } from 'vitest';
import { isEmptyPlan, type Orchestrator, PHOENIX_ERROR_CODES } from '../../src/index.js';
import { failures, finish, type LabSession, openLab } from '../lab-session.js';
import { smallFleet } from './fleet.js';

const ROUNDS = Number(process.env.PHOENIX_MATRIX_ROUNDS ?? 100);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}

/** Plans and applies; a refusal is as good an end as success, as long as it has a name. */
async function contend(
  orchestrator: Orchestrator,
  targets: readonly number[] | 'all',
): Promise<readonly string[]> {
  try {
    return failures(await finish(orchestrator.apply(await orchestrator.plan(targets))));
  } catch (error) {
    return [`- ${codeOf(error)}: ${String(error)}`];
  }
}

function expectNamed(ends: readonly string[]): void {
  for (const end of ends) {
    const code = / ([A-Z][A-Z_]+):/.exec(end)?.[1] ?? '';
    expect(
      code === 'PHOENIX_INTERNAL' || !(code in PHOENIX_ERROR_CODES || /^(PVE|FEATURES)_/.test(code)),
      end,
    ).toBe(false);
  }
}

async function expectWhole(session: LabSession): Promise<void> {
  const orchestrator = session.orchestrator(smallFleet);
  expect(failures(await finish(orchestrator.apply(await orchestrator.plan('all'))))).toEqual([]);
  expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
  const guests = await session.client.request('GET /nodes/{node}/qemu', { node: 'pve' });
  expect(guests.map((guest) => guest.vmid).sort()).toEqual([8000, 8001, 8002]);
}

describe('two orchestrators at once', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    'on the same guests, round %i: nothing is made twice or torn',
    async (round) => {
      const session = await openLab({ seed: round });
      try {
        const [one, other] = await Promise.all([
          contend(session.orchestrator(smallFleet), 'all'),
          contend(session.orchestrator(smallFleet), 'all'),
        ]);
        expectNamed([...one, ...other]);
        await expectWhole(session);
      } finally {
        await session.close();
      }
    },
  );

  it('on different guests they do not disturb each other', async () => {
    const session = await openLab();
    try {
      expect(await contend(session.orchestrator(smallFleet), [8000])).toEqual([]);
      const ends = await Promise.all([
        contend(session.orchestrator(smallFleet), [8001]),
        contend(session.orchestrator(smallFleet), [8002]),
      ]);
      expect(ends).toEqual([[], []]);
      await expectWhole(session);
    } finally {
      await session.close();
    }
  });
});
