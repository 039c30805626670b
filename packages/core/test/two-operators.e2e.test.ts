import {
  cancelTask,
  createProxmoxClient,
  getGuestConfig,
  type ProxmoxClient,
  ProxmoxError,
  shutdownGuest,
  startGuest,
  updateGuestConfig,
  waitForTask,
} from '@phoenix/proxmox-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOrchestrator, isEmptyPlan, type PhoenixEvent } from '../src/index.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';
import { makeConfig } from './made-up.js';

const other = { name: 'other', secret: '11111111-2222-3333-4444-555555555555' };
const ref = { kind: 'qemu', node: 'pve', vmid: 8100 } as const;

/** Two machines that need nothing of the guest but to exist. */
const fleet = (keys: Readonly<Record<string, unknown>> = {}) => ({
  vms: [8100, 8101].map((vmid) => ({
    vmid,
    name: `machine-${vmid}`,
    memory_mb: 1024,
    cores: 2,
    leave_stopped: true,
    ...keys,
  })),
});

let session: LabSession;
let second: ProxmoxClient;

/** Both machines exist, and are this configuration's. */
beforeEach(async () => {
  session = await openLab({
    tokens: { phoenix: '99999999-2222-3333-4444-555555555555', other: other.secret },
    patienceMs: 60_000,
  });
  const { lab, client } = session;
  second = createProxmoxClient({
    url: lab.url,
    token: `root@pam!other=${other.secret}`,
    fingerprint: lab.fingerprint,
  });
  for (const { vmid, name } of fleet().vms) {
    await client.request('POST /nodes/{node}/qemu', {
      node: 'pve',
      vmid,
      name,
      memory: '1024',
      cores: 2,
      agent: '1',
    });
  }
  const orchestrator = session.orchestrator(fleet());
  expect(failures(await finish(orchestrator.apply(await orchestrator.plan('all', { adopt: true }))))).toEqual(
    [],
  );
});

afterEach(async () => {
  await second.close();
  await session.close();
});

/** A client that lets `before` happen between the reading and the writing of a configuration. */
function interfered(before: (vmid: unknown) => Promise<void>): ProxmoxClient {
  const { client } = session;
  const request: ProxmoxClient['request'] = async (route, ...rest) => {
    if (route === 'PUT /nodes/{node}/qemu/{vmid}/config') {
      const [parameters] = rest;
      await before(typeof parameters === 'object' && 'vmid' in parameters ? parameters.vmid : undefined);
    }
    return client.request(route, ...rest);
  };
  return { ...client, request };
}

/** Follows a run and calls `seen` with each thing that is said about the guest. */
async function follow(run: AsyncIterable<PhoenixEvent>, seen: (message: string) => void) {
  async function* watched() {
    for await (const event of run) {
      if (event.type === 'action-progress') seen(event.message);
      yield event;
    }
  }
  return finish(watched());
}

describe('a second operator on the same guests', () => {
  it('that changes a guest between reading and writing is noticed: it is planned again, and both changes hold', async () => {
    let times = 2;
    const client = interfered(async (vmid) => {
      if (vmid !== 8100 || times === 0) return;
      times -= 1;
      await updateGuestConfig(second, { ...ref, set: { tags: `phoenix;theirs${times}`, cores: 7 } });
    });
    const orchestrator = createOrchestrator({ client, config: makeConfig(fleet({ cores: 4 })) });
    const said: string[] = [];
    const run = await follow(orchestrator.apply(await orchestrator.plan('all')), (message) =>
      said.push(message),
    );
    expect(failures(run)).toEqual([]);
    expect(
      said.filter((message) => message.startsWith('somebody else changed the configuration')),
    ).toHaveLength(2);
    const config = await getGuestConfig(session.client, ref);
    expect(config).toMatchObject({ cores: 4, tags: 'phoenix;theirs0' });
    expect(isEmptyPlan(await orchestrator.plan('all'))).toBe(true);
  });

  it('that never stops changing a guest makes that guest fail with a clear message, and no other', async () => {
    let count = 0;
    const client = interfered(async (vmid) => {
      count += 1;
      if (vmid === 8100) await updateGuestConfig(second, { ...ref, set: { tags: `phoenix;t${count}` } });
    });
    const orchestrator = createOrchestrator({ client, config: makeConfig(fleet({ cores: 4 })) });
    const { summary } = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(summary).toMatchObject({
      outcome: 'failed',
      guests: [
        { vmid: 8100, outcome: 'failed', code: 'PHOENIX_CONTENDED' },
        { vmid: 8101, outcome: 'changed' },
      ],
    });
    expect(summary.guests[0]?.message).toContain('8100 (machine-8100) was changed by somebody else 6 times');
    expect(await getGuestConfig(session.client, ref)).toMatchObject({ cores: 2 });
  });

  it('whose task holds the lock is waited for, by the name of the task and of its user', async () => {
    session.lab.guests?.behave({ vmid: 8100, ignoresShutdown: true });
    await waitForTask(second, await startGuest(second, ref), {});
    let locked = true;
    // What Proxmox VE says after ten seconds; the lab's time stands still meanwhile, so that the task lasts.
    const client = interfered(async () => {
      if (locked)
        throw new ProxmoxError('PVE_LOCK_TIMEOUT', "can't lock file 'lock-8100.conf' - got timeout");
    });
    const orchestrator = createOrchestrator({ client, config: makeConfig(fleet({ cores: 4 })) });
    const plan = await orchestrator.plan([8100]);
    const upid = await shutdownGuest(second, { ...ref, timeoutSeconds: 60 });
    const said: string[] = [];
    const run = await follow(orchestrator.apply(plan), (message) => {
      said.push(message);
      locked = false;
      if (message.startsWith('waiting for a task')) void cancelTask(second, upid);
    });
    expect(failures(run)).toEqual([]);
    expect(said.slice(0, 2)).toEqual([
      `another operation holds the lock: can't lock file 'lock-8100.conf' - got timeout; held by qmshutdown of root@pam!other (${upid})`,
      'waiting for a task that is already running: qmshutdown by root@pam!other',
    ]);
    expect((await orchestrator.plan([8100])).guests[0]?.actions).toEqual([]);
  });

  it('who locked a guest is waited for until the lock is gone', async () => {
    const orchestrator = session.orchestrator(fleet({ cores: 4 }));
    const plan = await orchestrator.plan('all');
    const main = session.lab.state.guests['8100']?.config.main;
    if (main === undefined) throw new Error('the machine is not there');
    main.lock = 'backup';
    const said: string[] = [];
    const run = await follow(orchestrator.apply(plan), (message) => {
      said.push(message);
      delete main.lock;
    });
    expect(failures(run)).toEqual([]);
    expect(said[0]).toBe(
      'locked by another operation: PUT /nodes/pve/qemu/8100/config: VM is locked (backup); no task that this token can see works on it',
    );
  });

  it('who keeps a guest locked makes that guest fail, with what to do, and no other', async () => {
    const orchestrator = session.orchestrator(fleet({ cores: 4, timeouts: { lock: '1ms' } }));
    const plan = await orchestrator.plan('all');
    const main = session.lab.state.guests['8100']?.config.main;
    if (main === undefined) throw new Error('the machine is not there');
    main.lock = 'backup';
    const { summary } = await finish(orchestrator.apply(plan));
    expect(summary.guests).toMatchObject([
      { outcome: 'failed', code: 'PHOENIX_GUEST_LOCKED', hint: expect.stringContaining('qm unlock 8100') },
      { outcome: 'changed' },
    ]);
    expect(summary.guests[0]?.message).toContain('VM is locked (backup)');
  });
});
