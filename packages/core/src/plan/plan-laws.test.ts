import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFleet, type Fleet } from '../../test/arbitrary-fleet.js';
import type { PlanPolicy } from '../kinds/guest-kind.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { assertPlanValid } from './assert-plan-valid.js';
import { EarlyDrafts } from './early-drafts.js';
import { listActions, type Plan, planSchema } from './plan.js';
import { planGuests } from './plan-guests.js';
import { listPrerequisites } from './select-guests.js';

const careful: PlanPolicy = { adopt: false, allowReplace: false, correctDrift: true, checkFeatures: false };

/** What a function returns, or the message of what it throws. */
function resultOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function plan(fleet: Fleet, targets: readonly number[] | 'all'): Plan {
  return planGuests({
    config: fleet.config,
    inventory: fleet.inventory,
    targets,
    materials: new Map(),
    policy: careful,
    kinds: guestKinds,
  });
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** The plan, or undefined where the fleet holds something that can never work; any other failure is a defect. */
function planIfPossible(fleet: Fleet): Plan | undefined {
  try {
    return plan(fleet, 'all');
  } catch (error) {
    if (codeOf(error) === 'PHOENIX_NOT_OURS' && fleet.foreign.length > 0) return undefined;
    if (codeOf(error) === 'PHOENIX_REPLACE_NEEDED') return undefined;
    throw error;
  }
}

describe('every plan', () => {
  it('passes the independent checker', () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        const made = planIfPossible(fleet);
        if (made === undefined) return;
        assertPlanValid(made);
        expect(planSchema.parse(made)).toEqual(made);
      }),
    );
  });

  it('puts what a guest rests on before the guest', () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        const made = planIfPossible(fleet);
        const place = new Map(made?.guests.map((guest, index) => [guest.vmid, index]));
        for (const guest of fleet.config.guests) {
          for (const prerequisite of listPrerequisites(guest)) {
            if (place.has(guest.vmid) && place.has(prerequisite))
              expect(place.get(prerequisite)).toBeLessThan(place.get(guest.vmid) ?? -1);
          }
        }
      }),
    );
  });

  it('never touches a guest that is not ours', () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        const ours = fleet.config.guests
          .map((guest) => guest.vmid)
          .filter((vmid) => !fleet.foreign.includes(vmid));
        for (const vmid of ours) {
          let made: Plan;
          try {
            made = plan(fleet, [vmid]);
          } catch (error) {
            expect(['PHOENIX_NOT_OURS', 'PHOENIX_REPLACE_NEEDED']).toContain(codeOf(error));
            continue;
          }
          for (const action of listActions(made)) expect(fleet.foreign).not.toContain(action.vmid);
        }
      }),
    );
  });

  it('is equal for equal input, and survives JSON', () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        const made = planIfPossible(fleet);
        const again = planIfPossible(structuredClone(fleet));
        expect(again).toEqual(made);
        if (made !== undefined) expect(JSON.parse(JSON.stringify(made))).toEqual(made);
      }),
    );
  });

  it('is the same when guests are drafted while others are still being read, in whatever order they answer', () => {
    fc.assert(
      fc.property(arbitraryFleet, fc.infiniteStream(fc.nat(100)), ({ config, inventory }, keys) => {
        const input = { config, materials: new Map(), policy: careful, kinds: guestKinds };
        const drafts = new EarlyDrafts(input, config.guests);
        const guests: Record<string, ObservedGuest> = {};
        const answers = Object.entries(inventory.guests)
          .map((entry) => ({ entry, key: keys.next().value ?? 0 }))
          .sort((left, right) => left.key - right.key);
        for (const { entry } of answers) {
          guests[entry[0]] = entry[1];
          drafts.add(Number(entry[0]), { ...inventory, guests: { ...guests } });
        }
        const whole = () => planGuests({ ...input, inventory, targets: 'all' });
        const drafted = () => planGuests({ ...input, inventory, targets: 'all', drafts });
        expect(resultOf(drafted)).toEqual(resultOf(whole));
      }),
    );
  });

  it('creates a guest only where none is', () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        for (const action of planIfPossible(fleet)?.guests.flatMap((guest) => guest.actions) ?? []) {
          if (action.step !== 'create' && action.step !== 'clone') continue;
          const guest = fleet.inventory.guests[String(action.vmid)];
          expect(guest === undefined || guest.lock === 'clone').toBe(true);
        }
      }),
    );
  });
});
