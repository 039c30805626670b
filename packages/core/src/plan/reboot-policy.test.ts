import { describe, expect, it } from 'vitest';
import { makeConfig, makeGuest, makeInventory } from '../../test/made-up.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { planGuests } from './plan-guests.js';

const machine = (keys: Readonly<Record<string, unknown>>) =>
  makeConfig({ vms: [{ vmid: 8001, name: 'docker-vm-01', ...keys }] });
const container = (keys: Readonly<Record<string, unknown>>) =>
  makeConfig({ lxc_configs: { 901: { name: 'web-ct', ...keys } } });

const runningContainer: ObservedGuest = {
  ...makeGuest(),
  vmid: 901,
  kind: 'container',
  name: 'web-ct',
  config: { hostname: 'web-ct', tags: 'phoenix', cmode: 'shell', unprivileged: 1 },
  marker: { v: 1, id: 901, stage: 'ready', applied: {} },
};

/** Ids of the actions, and codes of the notices, for the only guest. */
function plan(
  config: ReturnType<typeof makeConfig>,
  guest: ObservedGuest,
  flag?: 'never' | 'if-pending',
): { readonly actions: readonly string[]; readonly notices: readonly string[] } {
  const [planned] = planGuests({
    config,
    inventory: makeInventory([guest]),
    targets: 'all',
    materials: new Map(),
    kinds: guestKinds,
    policy: {
      adopt: false,
      allowReplace: false,
      correctDrift: true,
      checkFeatures: false,
      ...(flag === undefined ? {} : { reboot: flag }),
    },
  }).guests;
  return {
    actions: planned?.actions.map(({ step }) => step) ?? [],
    notices: planned?.notices.map(({ code }) => code) ?? [],
  };
}

const cases = [
  ['machine', machine, makeGuest(), { cores: 2 }, 'cores'],
  ['container', container, runningContainer, { nesting: true }, 'features'],
] as const;

describe.each(cases)('a running %s whose change waits for a start', (_, declare, guest, change, key) => {
  it('is not restarted by itself, and the plan says what waits', () => {
    expect(plan(declare(change), guest)).toMatchObject({
      actions: ['configure'],
      notices: ['reboot-pending'],
    });
  });

  it('is restarted where its declaration or the flag says so, and the flag wins', () => {
    const restarts = (policy: string | undefined, flag?: 'never' | 'if-pending') =>
      plan(
        declare({ ...change, ...(policy === undefined ? {} : { reboot: policy }) }),
        guest,
        flag,
      ).actions.includes('reboot');
    expect(restarts('if-pending')).toBe(true);
    expect(restarts('never')).toBe(false);
    expect(restarts(undefined, 'if-pending')).toBe(true);
    expect(restarts('never', 'if-pending')).toBe(true);
    expect(restarts('if-pending', 'never')).toBe(false);
  });

  it('is restarted for what was pending before, and for nothing else', () => {
    const declared = declare({ reboot: 'if-pending' });
    const pending = { ...guest, pending: { [key]: { pending: 3 } } };
    expect(plan(declared, pending).actions[0]).toBe('reboot');
    expect(plan(declared, guest).actions).toEqual([]);
    expect(
      plan(declare({ ...change, reboot: 'if-pending' }), { ...guest, status: 'stopped' }).actions,
    ).not.toContain('reboot');
  });
});

describe('a guest that is off', () => {
  it.each(cases)('is started, unless the declaration of the %s leaves it off', (_, declare, guest) => {
    const off: ObservedGuest = { ...guest, status: 'stopped' };
    expect(plan(declare({}), off).actions).toContain('start');
    expect(plan(declare({ leave_stopped: true }), off).actions).toEqual([]);
    expect(plan(declare({ leave_stopped: true }), guest).actions).toEqual([]);
  });
});
