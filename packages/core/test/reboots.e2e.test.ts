import { getGuestConfig, getGuestPending } from '@phoenix/proxmox-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listActions } from '../src/index.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';

const ref = { kind: 'qemu', node: 'pve', vmid: 8100 } as const;
const file = (keys: Readonly<Record<string, unknown>> = {}) => ({
  vms: [
    {
      vmid: 8100,
      name: 'machine',
      template_image: 'noble-server-cloudimg-amd64.img',
      storage_pool: 'quickOS-vm-disks',
      network_bridge: 'vmbr0',
      reboot: 'if-pending',
      timeouts: { shutdown: '20s' },
      ...keys,
    },
  ],
});

let session: LabSession;

/** A running machine that is ours. */
async function begin(behaviour: { readonly ignoresShutdown?: boolean }): Promise<void> {
  session = await openLab();
  session.lab.guests?.behave({ vmid: 8100, ...behaviour });
  const orchestrator = session.orchestrator(file());
  expect(failures(await finish(orchestrator.apply(await orchestrator.plan('all'))))).toEqual([]);
}

/** What was started and stopped since a mark. */
const power = (mark: number) =>
  session.mutations(mark).flatMap((line) => /\/status\/(\w+)$/.exec(line)?.[1] ?? []);

describe('a machine that may be restarted for what waits', () => {
  beforeEach(() => begin({}));
  afterEach(() => session.close());

  it('is shut down and started once, and then nothing waits', async () => {
    const orchestrator = session.orchestrator(file({ cores: 3 }));
    const plan = await orchestrator.plan('all');
    expect(listActions(plan).map(({ step }) => step)).toEqual(['configure', 'reboot', 'wait-agent']);
    const mark = session.lab.requests.length;
    const run = await finish(orchestrator.apply(plan));
    expect(failures(run)).toEqual([]);
    expect(power(mark)).toEqual(['shutdown', 'start']);
    expect(
      (await getGuestPending(session.client, ref)).filter(({ pending }) => pending !== undefined),
    ).toEqual([]);
    expect(await getGuestConfig(session.client, ref)).toMatchObject({ cores: 3 });
    expect(listActions(await orchestrator.plan('all'))).toEqual([]);
  });

  it('is not restarted for what Proxmox VE has taken up at once, or for nothing', async () => {
    const orchestrator = session.orchestrator(file({ start_at_boot: true, tags: ['web'] }));
    const mark = session.lab.requests.length;
    await finish(orchestrator.apply(await orchestrator.plan('all')));
    await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(power(mark)).toEqual([]);
  });

  it('is left running when nothing waits any more by the time that it would be restarted', async () => {
    const orchestrator = session.orchestrator(file({ cores: 3 }));
    const plan = await orchestrator.plan('all');
    // Somebody sets it and restarts the machine before the plan is applied.
    await finish(session.orchestrator(file({ cores: 3 })).apply(await orchestrator.plan('all')));
    const mark = session.lab.requests.length;
    expect(failures(await finish(orchestrator.apply(plan)))).toEqual([]);
    expect(power(mark)).toEqual([]);
  });

  it('stays as it is where the flag says never', async () => {
    const orchestrator = session.orchestrator(file({ cores: 3 }));
    const mark = session.lab.requests.length;
    const run = await finish(orchestrator.apply(await orchestrator.plan('all', { reboot: 'never' })));
    expect(power(mark)).toEqual([]);
    expect(run.summary.warnings.map(({ message }) => message).join()).toContain('cores will take effect');
  });
});

describe('a machine that does not go down by itself', () => {
  beforeEach(() => begin({ ignoresShutdown: true }));
  afterEach(() => session.close());

  it('is stopped at the declared deadline, which is said', async () => {
    const orchestrator = session.orchestrator(file({ cores: 3 }));
    const mark = session.lab.requests.length;
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run)).toEqual([]);
    expect(power(mark)).toEqual(['shutdown', 'stop', 'start']);
    expect(run.summary.warnings).toContainEqual({
      vmid: 8100,
      message: '8100 (machine) did not shut down within 20 s and was stopped',
    });
  });
});
