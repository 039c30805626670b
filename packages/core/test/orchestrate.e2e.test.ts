import { createGuest, getGuestConfig, listVolumes, waitForTask } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEmptyPlan, listActions, type Plan } from '../src/index.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';
import { firstUsersFile } from './made-up.js';

let session: LabSession;

beforeAll(async () => {
  session = await openLab();
});

afterAll(async () => {
  await session.close();
});

function withMachine(changes: Readonly<Record<string, unknown>>) {
  return {
    ...firstUsersFile,
    vms: firstUsersFile.vms.map((vm) => (vm.vmid === 8001 ? { ...vm, ...changes } : vm)),
  };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
  }
  return undefined;
}

const seedsOf = async (vmid: number) =>
  (await listVolumes(session.client, { node: 'pve', storage: 'local', content: 'iso' }))
    .map((volume) => volume.volid)
    .filter((volid) => volid.includes(`/phoenix-${vmid}-`));

describe('the first users’ machines, in order', () => {
  it('come up from nothing, the template first', async () => {
    const orchestrator = session.orchestrator(firstUsersFile);
    const plan = await orchestrator.plan([8001]);
    expect(plan.guests.map((guest) => [guest.vmid, guest.kind])).toEqual([
      [8000, 'create'],
      [8001, 'create'],
    ]);
    const run = await finish(orchestrator.apply(plan));
    expect(failures(run)).toEqual([]);
    expect(run.summary.outcome).toBe('ok');
    const ended = run.events.flatMap((event) => (event.type === 'action-finished' ? [event.actionId] : []));
    expect(ended.indexOf('8000/convert')).toBeLessThan(ended.indexOf('8001/clone'));
    const status = await orchestrator.status('all');
    expect(
      status.map(({ vmid, status: state, template, managed }) => [vmid, state, template, managed]),
    ).toEqual([
      [8000, 'stopped', true, true],
      [8001, 'running', false, true],
    ]);
  });

  it('are left alone by a second run, which sends no mutating request', async () => {
    const mark = session.lab.requests.length;
    const plan = await session.orchestrator(firstUsersFile).plan('all');
    expect(listActions(plan).map((action) => [action.id, action.changes])).toEqual([]);
    expect(isEmptyPlan(plan)).toBe(true);
    expect(session.mutations(mark)).toEqual([]);
    // One configuration for each, and what does not grow with their number.
    const { requests } = session.lab;
    expect(
      requests
        .slice(mark)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([
      '/cluster/resources',
      '/nodes/pve/qemu',
      '/nodes/pve/qemu/8000/pending',
      '/nodes/pve/qemu/8001/pending',
      '/version',
    ]);
  });

  it('carry their seed as an ISO of their own; the template keeps none', async () => {
    expect(await seedsOf(8000)).toEqual([]);
    const seeds = await seedsOf(8001);
    expect(seeds).toHaveLength(1);
    const config = await getGuestConfig(session.client, { kind: 'qemu', node: 'pve', vmid: 8001 });
    expect(String(config.ide2)).toContain(seeds[0]);
    expect(String(config.scsi0)).toContain('size=100G');
  });

  it('take a change of cores as exactly that, for the next cold start', async () => {
    const orchestrator = session.orchestrator(withMachine({ cores: 2 }));
    const plan = await orchestrator.plan('all');
    expect(listActions(plan).map((action) => [action.id, action.changes])).toEqual([
      [
        '8001/configure',
        [{ key: 'cores', declared: 2, live: 4, lastApplied: 4, takesEffect: 'next-cold-start' }],
      ],
    ]);
    const run = await finish(orchestrator.apply(plan));
    expect(failures(run)).toEqual([]);
    expect(run.summary.warnings.map((warning) => warning.message).join()).toContain(
      'cores will take effect at the next cold start',
    );
    const after = await orchestrator.plan('all');
    expect(isEmptyPlan(after)).toBe(true);
    expect(after.guests.flatMap((guest) => guest.notices.map((notice) => notice.code))).toContain(
      'reboot-pending',
    );
  });

  it('bring what waits into effect by a restart that was allowed', async () => {
    const orchestrator = session.orchestrator(withMachine({ cores: 2 }));
    const run = await finish(orchestrator.apply(await orchestrator.plan('all', { reboot: 'if-pending' })));
    expect(failures(run)).toEqual([]);
    expect((await orchestrator.status([8001]))[0]?.pending).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan('all', { reboot: 'if-pending' }))).toBe(true);
  });

  it('correct what somebody else changed, and say so', async () => {
    const orchestrator = session.orchestrator(withMachine({ cores: 2 }));
    await session.client.request('PUT /nodes/{node}/qemu/{vmid}/config', {
      node: 'pve',
      vmid: 8001,
      onboot: 1,
      cores: 6,
    });
    const plan = await orchestrator.plan([8001]);
    expect(plan.guests[0]?.drift.map((change) => change.key)).toEqual(['cores']);
    expect(failures(await finish(orchestrator.apply(plan)))).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
  });

  it('get a new seed when their address changes, and lose the old one', async () => {
    const before = await seedsOf(8001);
    const orchestrator = session.orchestrator(
      withMachine({ cores: 2, network_config: { ip: '10.0.0.102/24', gw: '10.0.0.1' } }),
    );
    const plan = await orchestrator.plan('all');
    expect(listActions(plan).map((action) => action.id)).toEqual(['8001/seed']);
    expect(failures(await finish(orchestrator.apply(plan)))).toEqual([]);
    const after = await seedsOf(8001);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
  });

  it('apply a saved plan, and refuse it when the world has changed since', async () => {
    const orchestrator = session.orchestrator(
      withMachine({ cores: 3, network_config: { ip: '10.0.0.102/24', gw: '10.0.0.1' } }),
    );
    const saved: Plan = JSON.parse(JSON.stringify(await orchestrator.plan('all')));
    expect(failures(await finish(orchestrator.apply(saved)))).toEqual([]);
    const mark = session.lab.requests.length;
    expect(await codeOf(finish(orchestrator.apply(saved)))).toBe('PHOENIX_PLAN_STALE');
    expect(session.mutations(mark)).toEqual([]);
  });

  it('apply no saved plan of another configuration, nor one that was edited', async () => {
    const network = { network_config: { ip: '10.0.0.102/24', gw: '10.0.0.1' } };
    const orchestrator = session.orchestrator(withMachine({ cores: 5, ...network }));
    const saved: Plan = JSON.parse(JSON.stringify(await orchestrator.plan('all')));
    const mark = session.lab.requests.length;
    const patient = withMachine({ cores: 5, ...network, timeouts: { shutdown: 90 } });
    const elsewhere = session.orchestrator(patient);
    expect(await codeOf(finish(elsewhere.apply(saved)))).toBe('PHOENIX_PLAN_STALE');
    const edited: Plan = JSON.parse(JSON.stringify(saved).replaceAll('"declared":5', '"declared":50'));
    expect(await codeOf(finish(orchestrator.apply(edited)))).toBe('PHOENIX_PLAN_STALE');
    const broken: Plan = JSON.parse(JSON.stringify(saved).replaceAll('"configure"', '"conjure"'));
    expect(await codeOf(finish(orchestrator.apply(broken)))).toBe('PHOENIX_PLAN_INVALID');
    expect(session.mutations(mark)).toEqual([]);
  });

  it('name a template that is not as declared, and the clones made from it; it is made anew only by flag', async () => {
    const file = withMachine({ network_config: { ip: '10.0.0.102/24', gw: '10.0.0.1' } });
    const stale = {
      ...file,
      vms: file.vms.map((vm) => (vm.vmid === 8000 ? { ...vm, features: ['base_setup'] } : vm)),
    };
    const orchestrator = session.orchestrator(stale);
    const noticesOf = (plan: Plan) =>
      plan.guests.flatMap((guest) => guest.notices.map((notice) => `${guest.vmid} ${notice.code}`));
    const plan = await orchestrator.plan('all');
    expect(noticesOf(plan)).toEqual(expect.arrayContaining(['8000 template-stale', '8001 source-stale']));
    expect(plan.guests.find((guest) => guest.vmid === 8000)?.kind).toBe('none');
    const replacing = await orchestrator.plan([8000], { allowReplace: true });
    expect(replacing.guests.map((guest) => [guest.vmid, guest.kind])).toEqual([[8000, 'replace']]);
    expect(failures(await finish(orchestrator.apply(replacing)))).toEqual([]);
    const after = await orchestrator.plan('all', { allowReplace: true });
    expect(noticesOf(after)).toContain('8001 source-changed');
    expect(after.guests.find((guest) => guest.vmid === 8000)?.kind).toBe('none');
  });

  it('are asked about their features only where they run; elsewhere it is called unknown', async () => {
    const orchestrator = session.orchestrator(
      withMachine({ network_config: { ip: '10.0.0.102/24', gw: '10.0.0.1' } }),
    );
    expect(failures(await finish(orchestrator.apply(await orchestrator.plan([8001]))))).toEqual([]);
    const running = await orchestrator.plan([8001], { checkFeatures: true });
    expect(listActions(running).find((action) => action.step === 'features')?.reason).toBe('unknown');
    const run = await finish(orchestrator.apply(running));
    expect(failures(run)).toEqual([]);
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: 'action-finished', actionId: '8001/features', outcome: 'unchanged' }),
    );
    expect(failures(await finish(orchestrator.stop([8001])))).toEqual([]);
    const stopped = await orchestrator.plan([8001], { checkFeatures: true });
    expect(stopped.guests[0]?.notices.map((notice) => notice.code)).toContain('features-unknown');
    expect(failures(await finish(orchestrator.apply(stopped)))).toEqual([]);
  });

  it('miss no feature that only their template declares', async () => {
    const file = {
      ...firstUsersFile,
      vms: [
        { ...firstUsersFile.vms[0], vmid: 8010, name: 'featured', features: ['base_setup'] },
        {
          ...firstUsersFile.vms[1],
          vmid: 8011,
          name: 'clone',
          clone_from_vmid: 8010,
          network_config: { ip: 'dhcp' },
        },
      ],
    };
    const orchestrator = session.orchestrator(file);
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run)).toEqual([]);
    expect(run.summary.warnings).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
    expect(failures(await finish(orchestrator.delete('all')))).toEqual([]);
  });

  it('stop, start and restart', async () => {
    const orchestrator = session.orchestrator(firstUsersFile);
    expect(failures(await finish(orchestrator.stop([8001])))).toEqual([]);
    expect((await orchestrator.status([8001]))[0]?.status).toBe('stopped');
    expect(failures(await finish(orchestrator.start([8001])))).toEqual([]);
    expect(failures(await finish(orchestrator.restart([8001])))).toEqual([]);
    expect((await orchestrator.status([8001]))[0]?.status).toBe('running');
  });

  it('are deleted with their seeds', async () => {
    const orchestrator = session.orchestrator(firstUsersFile);
    expect(failures(await finish(orchestrator.delete([8001])))).toEqual([]);
    expect((await orchestrator.status([8001]))[0]?.status).toBe('missing');
    expect(await seedsOf(8001)).toEqual([]);
    const mark = session.lab.requests.length;
    expect((await finish(orchestrator.delete([8001]))).summary.outcome).toBe('ok');
    expect(session.mutations(mark)).toEqual([]);
  });
});

describe('a guest that is not ours', () => {
  beforeAll(async () => {
    const upid = await createGuest(session.client, {
      kind: 'qemu',
      node: 'pve',
      vmid: 8001,
      set: { name: 'payroll', memory: '512', cores: 1 },
    });
    await waitForTask(session.client, upid);
  });

  it('is refused by plan, start, stop and delete, and nothing is sent', async () => {
    const orchestrator = session.orchestrator(firstUsersFile);
    const mark = session.lab.requests.length;
    expect(await codeOf(orchestrator.plan([8001]))).toBe('PHOENIX_NOT_OURS');
    expect(await codeOf(finish(orchestrator.stop([8001])))).toBe('PHOENIX_NOT_OURS');
    expect(await codeOf(finish(orchestrator.delete([8001])))).toBe('PHOENIX_NOT_OURS');
    expect(session.mutations(mark)).toEqual([]);
  });

  it('is taken over when told to', async () => {
    const orchestrator = session.orchestrator(
      withMachine({ features: [], cores: 2, disk_size_gb: undefined }),
    );
    const plan = await orchestrator.plan([8001], { adopt: true });
    expect(listActions(plan).map((action) => action.step)).toEqual(['adopt', 'configure', 'start']);
    expect(failures(await finish(orchestrator.apply(plan)))).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan([8001]))).toBe(true);
  });
});

describe('what is missing on the cluster', () => {
  const change = (key: string, value: unknown) => ({
    vm_defaults: { ...firstUsersFile.vm_defaults, [key]: value },
    vms: [{ ...firstUsersFile.vms[0], vmid: 8100 }],
  });

  it.each([
    ['a storage', change('storage_pool', 'nosuch'), 'PHOENIX_STORAGE_MISSING'],
    ['a bridge', change('network_bridge', 'vmbr9'), 'PHOENIX_BRIDGE_MISSING'],
    ['a node', { vms: [{ ...firstUsersFile.vms[0], vmid: 8100, node: 'nosuch' }] }, 'PHOENIX_NODE_MISSING'],
    [
      'a clone source',
      { vms: [{ vmid: 8100, name: 'lone', clone_from_vmid: 7777 }] },
      'PHOENIX_CLONE_SOURCE_MISSING',
    ],
  ])('%s is named before anything is done', async (_what, file, code) => {
    const mark = session.lab.requests.length;
    expect(await codeOf(session.orchestrator(file).plan('all'))).toBe(code);
    expect(session.mutations(mark)).toEqual([]);
  });

  it('an image is named, and nothing is made', async () => {
    const file = change('cores', 1);
    const orchestrator = session.orchestrator({
      ...file,
      vms: [{ ...file.vms[0], template_image: `${session.lab.imageMirror}/nosuch.qcow2` }],
    });
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run).join()).toContain('PHOENIX_IMAGE_UNREACHABLE');
    expect((await orchestrator.status('all'))[0]?.status).toBe('missing');
  });
});
