import { describe, expect, it } from 'vitest';
import { firstUsersFile, makeConfig, makeGuest, makeInventory } from '../../test/made-up.js';
import type { PlanPolicy } from '../kinds/guest-kind.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { assertPlanValid } from './assert-plan-valid.js';
import { type Action, type GuestPlan, type Plan, planSchema } from './plan.js';
import { planGuests } from './plan-guests.js';

const careful: PlanPolicy = { adopt: false, allowReplace: false, correctDrift: true, checkFeatures: false };

const file = { ...firstUsersFile, vms: firstUsersFile.vms.map(({ features: _features, ...vm }) => vm) };

function planOf(guests: readonly ObservedGuest[], policy: Partial<PlanPolicy> = {}): Plan {
  return planGuests({
    config: makeConfig(file),
    inventory: makeInventory(guests),
    targets: 'all',
    materials: new Map(),
    policy: { ...careful, ...policy },
    kinds: guestKinds,
  });
}

const fresh = planOf([]);
const drifted = planOf([makeGuest({ config: { ...makeGuest().config, cores: 8 } })]);

/** The plan with one guest changed. */
function edit(plan: Plan, vmid: number, change: (guest: GuestPlan) => Partial<GuestPlan>): Plan {
  return {
    ...plan,
    guests: plan.guests.map((guest) => (guest.vmid === vmid ? { ...guest, ...change(guest) } : guest)),
  };
}

const action = (overrides: Partial<Action>): Action => ({
  id: '8001/delete',
  vmid: 8001,
  step: 'delete',
  kind: 'delete',
  reason: 'requested',
  title: 'delete',
  changes: [],
  dependsOn: [],
  input: {},
  ...overrides,
});

describe('assertPlanValid', () => {
  it('takes the plans that the planner makes, whose shape is that of saved ones', () => {
    for (const plan of [fresh, drifted]) {
      expect(() => assertPlanValid(plan)).not.toThrow();
      expect(planSchema.parse(plan)).toEqual(plan);
    }
  });

  it('is beside the schema, which refuses a format or a reason that nobody knows', () => {
    expect(planSchema.safeParse({ ...fresh, version: 2 }).success).toBe(false);
    const [guest, ...others] = fresh.guests;
    const whim = { ...fresh, guests: [{ ...guest, reason: 'whim' }, ...others] };
    expect(planSchema.safeParse(whim).success).toBe(false);
  });

  it.each<readonly [string, Plan, RegExp]>([
    ['a guest that occurs twice', { ...fresh, guests: [...fresh.guests, ...fresh.guests] }, /occurs twice/],
    ['a target that is not planned', { ...fresh, targets: [8000, 8001, 8002] }, /8002 is not planned/],
    ['a target as a dependency', edit(fresh, 8000, () => ({ role: 'dependency' })), /8000 is a dependency/],
    [
      'a clone before its template',
      { ...fresh, guests: [...fresh.guests].reverse() },
      /needs 8000\/convert, which does not come before/,
    ],
    [
      'two writers of one guest',
      edit(fresh, 8001, ({ actions }) => ({
        actions: actions.map((each) => ({
          ...each,
          dependsOn: each.dependsOn.filter((id) => id !== '8001/clone'),
        })),
      })),
      /two writers/,
    ],
    [
      'work in another order',
      edit(fresh, 8001, ({ actions }) => ({ actions: [...actions].reverse() })),
      /comes after/,
    ],
    ['work that is none', edit(fresh, 8001, () => ({ actions: [] })), /is create with 0 actions/],
    [
      'a change to what already is',
      edit(drifted, 8001, ({ actions }) => ({
        actions: actions.map((each) => ({
          ...each,
          changes: each.changes.map((change) => ({ ...change, live: change.declared })),
        })),
      })),
      /changes cores to what it is/,
    ],
    [
      'a guest made over another',
      edit(fresh, 8001, () => ({ observed: 'abc pve running' })),
      /although there is one/,
    ],
    [
      'a deletion that nobody allowed',
      edit(drifted, 8001, () => ({ kind: 'delete', actions: [action({})] })),
      /8001 may not be deleted/,
    ],
    [
      'a replacement that nobody allowed',
      edit(fresh, 8001, ({ actions }) => ({
        kind: 'replace',
        observed: 'abc pve stopped',
        actions: [
          action({ kind: 'replace', reason: 'source-changed' }),
          ...actions.map((each, index) =>
            index === 0 ? { ...each, dependsOn: ['8001/delete', ...each.dependsOn] } : each,
          ),
        ],
      })),
      /8001 may not be deleted/,
    ],
    [
      'an adoption that nobody allowed',
      edit(drifted, 8001, () => ({ actions: [action({ id: '8001/adopt', step: 'adopt', kind: 'update' })] })),
      /8001 may not be adopted/,
    ],
    [
      'drift that is corrected although it is to be left',
      { ...drifted, policy: { ...careful, correctDrift: false } },
      /drift of cores is not left alone/,
    ],
    [
      'shared work that nobody needs',
      { ...fresh, shared: [...fresh.shared, { ...action({ id: 'image/x', step: 'image' }), vmid: 8001 }] },
      /belongs to guest 8001; nobody needs/,
    ],
  ])('refuses %s', (_what, plan, problem) => {
    expect(() => assertPlanValid(plan)).toThrow(problem);
  });
});
