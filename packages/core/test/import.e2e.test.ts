import {
  cloneGuest,
  convertToTemplate,
  createGuest,
  getGuestConfig,
  requireTaskOk,
  startGuest,
  updateGuestConfig,
  uploadVolume,
  waitForTask,
} from '@phoenix/proxmox-client';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectConfig, isEmptyPlan, listActions, printConfig } from '../src/index.js';
import { arbitraryLiveGuests, type LiveGuest } from './arbitrary-live-guest.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';

const RUNS = Number(process.env.PHOENIX_PROPERTY_RUNS ?? 12);
const node = 'pve';
const containerTemplate = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

/** Environment of the secrets that an imported file refers to. */
const environment = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`PHOENIX_PASSWORD_${100 + index}`, 'hunter22']),
);

async function settle(session: LabSession, upid: string): Promise<void> {
  requireTaskOk(await waitForTask(session.client, upid, {}));
}

async function uploadTemplate(session: LabSession): Promise<void> {
  const bytes = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(4096)]);
  await settle(
    session,
    await uploadVolume(session.client, {
      node,
      storage: 'local',
      content: 'vztmpl',
      filename: 'debian-12-standard_12.7-1_amd64.tar.zst',
      source: bytes,
    }),
  );
}

const refOf = ({ kind }: Pick<LiveGuest, 'kind'>, vmid: number) =>
  ({ kind: kind === 'machine' ? 'qemu' : 'lxc', node, vmid }) as const;

/** Makes a guest by other means than Phoenix, and what is cloned from it. Gives the vmids. */
async function make(session: LabSession, guest: LiveGuest, vmid: number): Promise<readonly number[]> {
  const { client } = session;
  const ref = refOf(guest, vmid);
  const set = guest.kind === 'container' ? { ...guest.set, ostemplate: containerTemplate } : guest.set;
  await settle(session, await createGuest(client, { ...ref, set }));
  if (guest.template) {
    const upid = await convertToTemplate(client, ref);
    if (upid !== undefined) await settle(session, upid);
    // The conversion of a container goes on after the answer.
    while ((await getGuestConfig(client, ref)).template === undefined) await session.lab.clock.advance(100);
  }
  if (guest.start) await settle(session, await startGuest(client, ref));
  if (guest.start && guest.pending)
    await updateGuestConfig(client, { ...ref, set: { memory: '2048', bios: 'seabios' } });
  const clones: number[] = [];
  for (let index = 1; index <= guest.clones; index += 1) {
    await settle(session, await cloneGuest(client, { ...ref, newVmid: vmid + index, full: false }));
    clones.push(vmid + index);
  }
  return [vmid, ...clones];
}

type LiveKeys = Readonly<Record<string, unknown>>;

/** The configurations of guests as the cluster has them, without what a claim is: description, tag, digest. */
async function readAll(
  session: LabSession,
  guests: ReadonlyMap<number, LiveGuest>,
): Promise<ReadonlyMap<number, LiveKeys>> {
  const found = new Map<number, LiveKeys>();
  for (const [vmid, guest] of guests) {
    const {
      description: _description,
      tags,
      digest: _digest,
      ...config
    } = await getGuestConfig(session.client, refOf(guest, vmid));
    const others = String(tags ?? '')
      .split(';')
      .filter((tag) => tag !== '' && tag !== 'phoenix')
      .sort();
    found.set(vmid, { ...config, tags: others });
  }
  return found;
}

async function expectAdoptable(session: LabSession, made: ReadonlyMap<number, LiveGuest>): Promise<void> {
  const before = await readAll(session, made);
  const imported = await session.orchestrator({}).importGuests('all');
  expect(imported.vmids).toEqual([...made.keys()].sort());
  for (const format of ['json', 'yaml'] as const) {
    const text = printConfig(imported.file, format);
    expect(text).not.toContain('hunter22');
    const { problems } = inspectConfig([{ file: `/x.${format}`, text }], { strict: true });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  }
  const orchestrator = session.orchestrator(imported.file, { environment });
  const plan = await orchestrator.plan('all', { adopt: true });
  const others = listActions(plan).filter(({ step }) => step !== 'adopt');
  expect(others.map(({ id, changes }) => ({ id, changes }))).toEqual([]);
  expect(listActions(plan)).toHaveLength(imported.vmids.length);
  const changed = new Set(listActions(plan).flatMap(({ changes }) => changes.map(({ key }) => key)));
  expect([...changed].filter((key) => key !== 'tags')).toEqual([]);
  const mark = session.lab.requests.length;
  expect(failures(await finish(orchestrator.apply(plan)))).toEqual([]);
  // One call for each guest, and nothing else that changes anything.
  expect(
    session.mutations(mark).every((line) => /^PUT \/nodes\/pve\/(qemu|lxc)\/\d+\/config$/.test(line)),
  ).toBe(true);
  expect(session.mutations(mark)).toHaveLength(imported.vmids.length);
  expect(await readAll(session, made)).toEqual(before);
  const next = await orchestrator.plan('all');
  expect(listActions(next).map((action) => action.id)).toEqual([]);
  expect(isEmptyPlan(next)).toBe(true);
}

describe('importing guests', () => {
  let session: LabSession;
  beforeEach(async () => {
    session = await openLab();
    await uploadTemplate(session);
  });
  afterEach(() => session.close());

  it('whatever was found, planning it claims it and changes nothing else, and then there is nothing to do', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLiveGuests, async (guests) => {
        const one = await openLab();
        try {
          await uploadTemplate(one);
          const made = new Map<number, LiveGuest>();
          for (const [index, guest] of guests.entries())
            for (const vmid of await make(one, guest, 100 + 10 * index)) made.set(vmid, guest);
          await expectAdoptable(one, made);
        } finally {
          await one.close();
        }
      }),
      { numRuns: RUNS, seed: 20_261_126, endOnFailure: process.env.PHOENIX_SHRINK === undefined },
    );
  });
});
