import type { ProxmoxClient } from '@phoenix/proxmox-client';
import { describe, expect, it } from 'vitest';
import { makeConfig, makeGuest } from '../../test/made-up.js';
import type { DeclaredGuest } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { GuestKind } from '../kinds/guest-kind.js';
import type { Action, Plan } from '../plan/plan.js';
import { createRedactor } from '../secrets/redactor.js';
import type { PhoenixEvent } from './phoenix-event.js';
import { runPlan } from './run-plan.js';
import type { Step, StepContext } from './step-context.js';

/** Steps of these tests never reach for the cluster. */
const noClient = new Proxy(
  {},
  { get: (_, key) => () => Promise.reject(new Error(`called ${String(key)}`)) },
) as ProxmoxClient;

const config = makeConfig({
  vms: [1, 2, 3].map((n) => ({
    vmid: 100 + n,
    name: `vm${n}`,
    template_image: 'noble-server-cloudimg-amd64.img',
    memory_mb: 512,
  })),
});

function action(vmid: number, step: Action['step'], dependsOn: string[] = []): Action {
  return {
    id: `${vmid}/${step}`,
    vmid,
    step,
    kind: 'run',
    reason: 'requested',
    title: step,
    changes: [],
    dependsOn,
    input: {},
  };
}

function makePlan(...actions: Action[]): Plan {
  const vmids = [...new Set(actions.map((entry) => Number(entry.vmid)))];
  return {
    format: 'phoenix-plan',
    version: 1,
    configDigest: '',
    targets: vmids,
    shared: [],
    notices: [],
    guests: vmids.map((vmid) => ({
      vmid,
      name: `vm${vmid - 100}`,
      guestKind: 'machine',
      node: 'pve',
      kind: 'run',
      reason: 'requested',
      role: 'target',
      drift: [],
      notices: [],
      observed: '',
      actions: actions.filter((entry) => entry.vmid === vmid),
    })),
  };
}

async function run(
  plan: Plan,
  step: (context: StepContext) => Promise<void>,
  options: { failFast?: boolean; signal?: AbortSignal; parallel?: number } = {},
) {
  const wrapped: Step = async (context) => {
    await step(context);
    return { outcome: 'ok' };
  };
  const kind: GuestKind = {
    kind: 'machine',
    accepts: (declared): declared is DeclaredGuest => declared.kind === 'machine',
    read: () => Promise.resolve(makeGuest()),
    plan: () => {
      throw new Error('not planned here');
    },
    import: () => {
      throw new Error('not imported here');
    },
    imageContent: 'import',
    answersWith: () => undefined,
    listAddresses: () => Promise.resolve([]),
    openShell: () => {
      throw new Error('not opened here');
    },
    steps: { start: wrapped, snapshot: wrapped },
  };
  const events: PhoenixEvent[] = [];
  const redactor = createRedactor(['hunter22']);
  for await (const event of runPlan({
    plan,
    client: noClient,
    config,
    kinds: [kind],
    materials: new Map(),
    redactor,
    secrets: { resolve: () => Promise.reject(new Error('no secrets')) },
    parallel: options.parallel ?? 8,
    failFast: options.failFast ?? false,
    signal: options.signal ?? new AbortController().signal,
  }))
    events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'run-finished') throw new Error('a run ends with run-finished');
  return { events, summary: last.summary };
}

const broken = () =>
  new PhoenixError({ code: 'PHOENIX_SEAL_FAILED', message: 'broken with hunter22', hint: 'mend it' });

describe('runPlan', () => {
  it('runs what depends on nothing although another guest failed, and skips what rests on the failure', async () => {
    const { events, summary } = await run(
      makePlan(
        action(101, 'start'),
        action(101, 'snapshot', ['101/start']),
        action(102, 'start', ['101/snapshot']),
        action(103, 'start'),
      ),
      (context) => (context.vmid === 101 ? Promise.reject(broken()) : Promise.resolve()),
    );
    expect(summary.outcome).toBe('failed');
    expect(summary.guests.map((guest) => guest.outcome)).toEqual(['failed', 'skipped', 'changed']);
    expect(events.flatMap((event) => (event.type === 'action-skipped' ? [event.message] : []))).toEqual([
      '101/start failed',
      '101/start failed',
    ]);
  });

  it('takes secrets out of what it says', async () => {
    const { events } = await run(makePlan(action(101, 'start')), () => Promise.reject(broken()));
    expect(JSON.stringify(events)).not.toContain('hunter22');
    expect(events.find((event) => event.type === 'action-failed')).toMatchObject({
      code: 'PHOENIX_SEAL_FAILED',
      hint: 'mend it',
    });
  });

  it('starts nothing more after a failure when told to stop at the first', async () => {
    const { summary } = await run(
      makePlan(action(101, 'start'), action(102, 'start')),
      () => Promise.reject(broken()),
      { failFast: true, parallel: 1 },
    );
    expect(summary.guests.map((guest) => guest.outcome)).toEqual(['failed', 'skipped']);
  });

  it('never runs more at once than it may', async () => {
    let now = 0;
    let most = 0;
    await run(
      makePlan(action(101, 'start'), action(102, 'start'), action(103, 'start')),
      async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
      },
      { parallel: 2 },
    );
    expect(most).toBe(2);
  });

  it('ends as interrupted, with the tasks left running, when it is aborted', async () => {
    const controller = new AbortController();
    const { summary } = await run(
      makePlan(action(101, 'start'), action(102, 'start', ['101/start'])),
      async (context) => {
        context.openTasks.add('UPID:pve:1');
        controller.abort(new Error('stop'));
        context.signal.throwIfAborted();
      },
      { signal: controller.signal },
    );
    expect(summary.outcome).toBe('interrupted');
    expect(summary.leftRunning).toEqual(['UPID:pve:1']);
    expect(summary.guests.map((guest) => guest.outcome)).toEqual(['interrupted', 'skipped']);
  });

  it('tells a bug from a failure by its code', async () => {
    const { events } = await run(makePlan(action(101, 'start')), () =>
      Promise.reject(new RangeError('oops')),
    );
    expect(events.find((event) => event.type === 'action-failed')).toMatchObject({
      code: 'PHOENIX_INTERNAL',
      message: 'oops',
    });
  });
});
