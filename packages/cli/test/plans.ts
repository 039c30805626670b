import type { Action, Change, GuestPlan, Plan } from '@phoenix/core';

/** An action with only what a test cares about. */
export function action(overrides: Partial<Action>): Action {
  return {
    id: 'x',
    step: 'configure',
    kind: 'update',
    reason: 'config-changed',
    title: 'configure',
    changes: [],
    dependsOn: [],
    input: {},
    ...overrides,
  };
}

/** A guest of a plan with only what a test cares about. */
export function guest(overrides: Partial<GuestPlan>): GuestPlan {
  return {
    vmid: 8001,
    name: 'docker-vm-01',
    guestKind: 'machine',
    node: 'pve',
    kind: 'update',
    reason: 'config-changed',
    role: 'target',
    actions: [],
    drift: [],
    notices: [],
    observed: '',
    ...overrides,
  };
}

/** A plan with only what a test cares about. */
export function plan(overrides: Partial<Plan>): Plan {
  return {
    format: 'phoenix-plan',
    version: 1,
    configDigest: '',
    targets: [],
    shared: [],
    guests: [],
    notices: [],
    ...overrides,
  };
}

/** The change that everybody makes first. */
export const moreCores: Change = {
  key: 'cores',
  declared: 6,
  live: 4,
  lastApplied: 4,
  takesEffect: 'next-cold-start',
};
