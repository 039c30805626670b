import { describe, expect, it } from 'vitest';
import { firstUsersFile, makeConfig, makeGuest, makeInventory } from '../../test/made-up.js';
import type { PlanPolicy } from '../kinds/guest-kind.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import { assertPlanValid } from './assert-plan-valid.js';
import { isEmptyPlan, listActions } from './plan.js';
import { planGuests } from './plan-guests.js';

const policy: PlanPolicy = { adopt: false, allowReplace: false, correctDrift: true, checkFeatures: false };

/** What the machines of the tests declare besides features, which have their own tests. */
const file = { ...firstUsersFile, vms: firstUsersFile.vms.map(({ features: _features, ...vm }) => vm) };

function plan(
  inventory: Inventory,
  targets: readonly number[] | 'all' = 'all',
  options: { value?: unknown; policy?: Partial<PlanPolicy> } = {},
) {
  const made = planGuests({
    config: makeConfig(options.value ?? file),
    inventory,
    targets,
    materials: new Map(),
    policy: { ...policy, ...options.policy },
    kinds: guestKinds,
  });
  assertPlanValid(made);
  return made;
}

const template: ObservedGuest = makeGuest({
  vmid: 8000,
  name: 'ubuntu-2404-cloud-template',
  status: 'stopped',
  template: true,
  config: {
    ...makeGuest().config,
    name: 'ubuntu-2404-cloud-template',
    scsi0: 'quickOS-vm-disks:base-8000-disk-0,size=100G',
  },
  marker: { v: 1, id: 8000, stage: 'sealed', applied: {} },
});

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
  }
  return undefined;
}

describe('planGuests', () => {
  it('makes the template before the machine that is cloned from it', () => {
    const made = plan(makeInventory());
    expect(made.guests.map((guest) => guest.vmid)).toEqual([8000, 8001]);
    const clone = listActions(made).find((action) => action.id === '8001/clone');
    expect(clone?.dependsOn).toEqual(['8000/convert']);
    expect(made.guests[0]?.actions.map((action) => action.step)).toEqual([
      'create',
      'grow-disk',
      'start',
      'wait-agent',
      'wait-cloud-init',
      'seal',
      'shutdown',
      'convert',
    ]);
    expect(made.guests[1]?.actions.map((action) => action.step)).toEqual([
      'clone',
      'configure',
      'grow-disk',
      'start',
      'wait-agent',
      'wait-cloud-init',
      'record',
    ]);
  });

  it('includes a clone source that is missing although only the clone was asked for', () => {
    const made = plan(makeInventory(), [8001]);
    expect(made.guests.map((guest) => [guest.vmid, guest.role])).toEqual([
      [8000, 'dependency'],
      [8001, 'target'],
    ]);
  });

  it('leaves a finished clone source alone', () => {
    const made = plan(makeInventory([template]), [8001]);
    expect(made.guests.map((guest) => guest.vmid)).toEqual([8001]);
  });

  it('is empty when everything is as declared', () => {
    const made = plan(makeInventory([template, makeGuest()]));
    expect(isEmptyPlan(made)).toBe(true);
    expect(made.guests.map((guest) => guest.reason)).toEqual(['in-sync', 'in-sync']);
  });

  it('plans a change of cores as exactly that, for the next cold start', () => {
    const value = { ...file, vms: file.vms.map((vm) => (vm.vmid === 8001 ? { ...vm, cores: 2 } : vm)) };
    const made = plan(makeInventory([template, makeGuest()]), 'all', { value });
    expect(listActions(made).map((action) => action.id)).toEqual(['8001/configure']);
    expect(listActions(made)[0]?.changes).toEqual([
      { key: 'cores', declared: 2, live: 4, lastApplied: 4, takesEffect: 'next-cold-start' },
    ]);
    expect(listActions(made)[0]?.reason).toBe('config-changed');
  });

  it('restarts for what waits only where that was allowed', () => {
    const value = { ...file, vms: file.vms.map((vm) => (vm.vmid === 8001 ? { ...vm, cores: 2 } : vm)) };
    const made = plan(makeInventory([template, makeGuest()]), 'all', {
      value,
      policy: { reboot: 'if-pending' },
    });
    expect(listActions(made).map((action) => action.step)).toEqual(['configure', 'reboot', 'wait-agent']);
  });

  it('shows what somebody else changed apart, and leaves it when told to', () => {
    const drifted = makeGuest({ config: { ...makeGuest().config, cores: 8 } });
    const corrected = plan(makeInventory([template, drifted]), [8001]);
    expect(corrected.guests[0]?.drift.map((change) => change.key)).toEqual(['cores']);
    expect(listActions(corrected)[0]?.reason).toBe('drift');
    expect(
      isEmptyPlan(plan(makeInventory([template, drifted]), [8001], { policy: { correctDrift: false } })),
    ).toBe(true);
  });

  it('continues a machine that was made and not finished', () => {
    const half = makeGuest({ status: 'stopped', marker: { v: 1, id: 8001, stage: 'made', applied: {} } });
    const made = plan(makeInventory([template, half]), [8001]);
    expect(listActions(made).map((action) => action.step)).toEqual([
      'configure',
      'start',
      'wait-agent',
      'wait-cloud-init',
      'record',
    ]);
    expect(made.guests[0]?.reason).toBe('unfinished');
  });

  it('takes a reservation by a running clone for a guest still to be made', () => {
    const {
      name: _name,
      marker: _marker,
      ...rest
    } = makeGuest({ status: 'stopped', lock: 'clone', config: {} });
    const made = plan(makeInventory([template, rest]), [8001]);
    expect(listActions(made)[0]?.id).toBe('8001/clone');
    expect(made.guests[0]?.reason).toBe('unfinished');
  });

  it('plans whole what a clone is still making, although it carries the marker already', () => {
    const marker = { v: 1, id: 8001, stage: 'made', applied: {}, from: '8000@' } as const;
    const machine = makeGuest({ status: 'stopped', lock: 'clone', marker, config: { name: 'docker-vm-01' } });
    const steps = listActions(plan(makeInventory([template, machine]), [8001])).map((action) => action.step);
    expect(steps.slice(0, 3)).toEqual(['clone', 'configure', 'grow-disk']);

    const value = {
      ...file,
      lxc_configs: { '901': { name: 'web-ct', clone_from_ctid: 900, storage_size_gb: 3 } },
    };
    const source = makeGuest({ vmid: 900, kind: 'container', name: 'base-ct', template: true, config: {} });
    const container = makeGuest({
      vmid: 901,
      kind: 'container',
      status: 'stopped',
      lock: 'create',
      marker: { ...marker, id: 901, from: '900@' },
      config: { hostname: 'web-ct' },
    });
    const made = plan(makeInventory([source, container]), [901], { value });
    expect(made.guests[0]?.reason).toBe('unfinished');
    expect(listActions(made).map((action) => action.step)).toEqual(
      expect.arrayContaining(['clone', 'configure', 'grow-disk']),
    );
  });

  it('takes a finished guest that is locked for what it is', () => {
    const restored = makeGuest({ lock: 'create' });
    expect(plan(makeInventory([template, restored]), [8001]).guests[0]?.kind).not.toBe('create');
  });

  it('plans along what a target depends on while it is still being made', () => {
    const value = {
      ...file,
      vms: [
        ...file.vms,
        {
          ...file.vms[1],
          vmid: 8002,
          name: 'docker-vm-02',
          network_config: { ip: 'dhcp' },
          dependencies: [8001],
        },
      ],
    };
    const { name: _name, marker: _marker, ...rest } = makeGuest({ lock: 'clone', config: {} });
    const made = plan(makeInventory([template, rest]), [8002], { value });
    expect(made.guests.map((guest) => guest.vmid)).toContain(8001);
  });

  it('converts a sealed machine without starting it again', () => {
    const sealed = { ...template, template: false };
    expect(listActions(plan(makeInventory([sealed]), [8000])).map((action) => action.step)).toEqual([
      'convert',
    ]);
  });

  it('refuses a guest that does not carry the marker, and adopts it when told to', () => {
    const { marker: _marker, ...foreign } = makeGuest({
      name: 'payroll',
      config: { ...makeGuest().config, name: 'payroll' },
    });
    const inventory = makeInventory([template, foreign]);
    expect(codeOf(() => plan(inventory, [8001]))).toBe('PHOENIX_NOT_OURS');
    const adopted = plan(inventory, [8001], { policy: { adopt: true } });
    expect(listActions(adopted)[0]?.step).toBe('adopt');
    expect(listActions(adopted).some((action) => action.kind === 'create')).toBe(false);
  });

  it('makes a template of ours anew only by flag, and neither what is protected nor what linked clones rest on', () => {
    const value = { ...file, vms: file.vms.map((vm) => ({ ...vm, is_template: false })) };
    expect(codeOf(() => plan(makeInventory([template]), [8000], { value }))).toBe('PHOENIX_REPLACE_NEEDED');
    const allowed = { value, policy: { allowReplace: true } };
    const made = plan(makeInventory([template]), [8000], allowed);
    expect(made.guests[0]?.kind).toBe('replace');
    expect(made.guests[0]?.actions.slice(0, 2).map((action) => action.step)).toEqual(['delete', 'create']);
    const { marker: _marker, ...foreign } = template;
    expect(codeOf(() => plan(makeInventory([foreign]), [8000], allowed))).toBe('PHOENIX_NOT_OURS');
    const held = { ...template, config: { ...template.config, protection: 1 } };
    expect(codeOf(() => plan(makeInventory([held]), [8000], allowed))).toBe('PHOENIX_PROTECTED');
    const linked = makeGuest({
      config: { ...makeGuest().config, scsi0: 'quickOS-vm-disks:base-8000-disk-0/vm-8001-disk-0,size=100G' },
    });
    expect(codeOf(() => plan(makeInventory([template, linked]), [8000], allowed))).toBe('PHOENIX_HAS_CLONES');
  });

  it('names what is missing on the node', () => {
    const change = (key: string, value: unknown) => ({
      ...file,
      vm_defaults: { ...file.vm_defaults, [key]: value },
    });
    expect(codeOf(() => plan(makeInventory(), [8000], { value: change('storage_pool', 'nosuch') }))).toBe(
      'PHOENIX_STORAGE_MISSING',
    );
    expect(codeOf(() => plan(makeInventory(), [8000], { value: change('network_bridge', 'vmbr9') }))).toBe(
      'PHOENIX_BRIDGE_MISSING',
    );
    const value = { vms: [{ vmid: 9000, name: 'lone', clone_from_vmid: 7777 }] };
    expect(codeOf(() => plan(makeInventory(), 'all', { value }))).toBe('PHOENIX_CLONE_SOURCE_MISSING');
    expect(codeOf(() => plan(makeInventory(), [1234]))).toBe('PHOENIX_UNKNOWN_GUEST');
  });

  it('downloads an image that several machines need once', () => {
    const value = { ...file, vms: [file.vms[0], { ...file.vms[0], vmid: 8010, name: 'second' }] };
    const made = plan(makeInventory(), 'all', { value });
    expect(made.shared.map((action) => action.id)).toEqual(['image/pve/local/noble-server-cloudimg-amd64']);
  });

  it('gives equal plans for equal input, through JSON and back', () => {
    const first = plan(makeInventory([template]));
    expect(JSON.parse(JSON.stringify(first))).toEqual(plan(makeInventory([template])));
  });
});
