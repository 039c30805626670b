import { waitForTask } from '@phoenix/proxmox-client';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEmptyPlan } from '../src/index.js';
import { failures, finish, openLab } from './lab-session.js';

const RUNS = Number(process.env.PHOENIX_PROPERTY_RUNS ?? 3);

const machine = fc.record({
  cores: fc.integer({ min: 1, max: 8 }),
  memory_mb: fc.constantFrom(512, 1024, 2048),
  disk_size_gb: fc.integer({ min: 8, max: 20 }),
  tags: fc.subarray(['web', 'db', 'Prod']),
  start_at_boot: fc.boolean(),
  boot_order: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  description: fc.option(fc.constantFrom('for people', 'with <html> & "quotes"\nand lines', '-->'), {
    nil: undefined,
  }),
  interfaces: fc.integer({ min: 1, max: 2 }),
  vlan: fc.option(fc.integer({ min: 2, max: 99 }), { nil: undefined }),
  firewall: fc.boolean(),
  features: fc.subarray(['base_setup']),
  clone: fc.constantFrom('none', 'full', 'linked'),
});

/** A template and up to two machines, made of the image or of the template. */
const fleet = fc.array(machine, { minLength: 1, maxLength: 2 }).map((machines) => ({
  vm_defaults: { network_bridge: 'vmbr0' },
  vms: [
    {
      vmid: 8000,
      name: 'template',
      is_template: true,
      template_image: 'noble-server-cloudimg-amd64.img',
      storage_pool: 'quickOS-vm-disks',
      disk_size_gb: 8,
      network_config: { ip: 'dhcp' },
      user_config: { username: 'phoenix_user' },
    },
    ...machines.map(({ interfaces, vlan, firewall, clone, ...keys }, index) => ({
      ...keys,
      vmid: 8001 + index,
      name: `machine-${index}`,
      user_config: { username: 'phoenix_user' },
      network_config: Array.from({ length: interfaces }, (_, nic) => ({
        ip: `10.${nic}.0.${index + 1}/24`,
        ...(vlan === undefined ? {} : { vlan }),
      })),
      ...(firewall
        ? { firewall: { enabled: true, rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '22' }] } }
        : {}),
      ...(clone === 'none'
        ? { template_image: 'noble-server-cloudimg-amd64.img', storage_pool: 'quickOS-vm-disks' }
        : { clone_from_vmid: 8000, clone_type: clone }),
      ...(index > 0 ? { dependencies: [8000 + index] } : {}),
    })),
  ],
}));

/** What others do to a machine behind Phoenix' back. */
const meddling = fc.record({
  cores: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  tags: fc.option(fc.constantFrom('theirs', 'phoenix;theirs'), { nil: undefined }),
  onboot: fc.option(fc.boolean(), { nil: undefined }),
  stop: fc.boolean(),
});

it('it is empty too where other things were declared before, and others had their hands in it', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fleet,
      fleet,
      fc.array(meddling, { minLength: 2, maxLength: 2 }),
      async (before, after, meddled) => {
        const session = await openLab();
        try {
          const earlier = session.orchestrator(JSON.parse(JSON.stringify(before)));
          expect(failures(await finish(earlier.apply(await earlier.plan('all'))))).toEqual([]);
          const vmids = before.vms.map(({ vmid }) => vmid).filter((vmid) => vmid !== 8000);
          for (const [index, vmid] of vmids.entries()) {
            const { stop, ...keys } = meddled[index] ?? { stop: false };
            const machine = { node: 'pve', vmid };
            await session.client.request('PUT /nodes/{node}/qemu/{vmid}/config', {
              ...machine,
              ...JSON.parse(JSON.stringify(keys)),
            });
            if (stop) {
              const upid = await session.client.request(
                'POST /nodes/{node}/qemu/{vmid}/status/stop',
                machine,
              );
              await waitForTask(session.client, upid);
            }
          }
          const orchestrator = session.orchestrator(JSON.parse(JSON.stringify(after)));
          const plan = await orchestrator.plan('all');
          const run = await finish(orchestrator.apply(plan));
          expect(failures(run)).toEqual([]);
          const next = await orchestrator.plan('all');
          expect(next.guests.flatMap((guest) => guest.actions)).toEqual([]);
          expect(next.guests.flatMap((guest) => guest.drift)).toEqual([]);
        } finally {
          await session.close();
        }
      },
    ),
    { numRuns: RUNS, seed: 20_261_127, endOnFailure: true },
  );
});

it('after a successful run the next plan is empty, whatever was declared', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fleet, async (file) => {
      const session = await openLab();
      try {
        const orchestrator = session.orchestrator(JSON.parse(JSON.stringify(file)));
        expect(failures(await finish(orchestrator.apply(await orchestrator.plan('all'))))).toEqual([]);
        const mark = session.lab.requests.length;
        const after = await orchestrator.plan('all');
        expect(after.guests.flatMap((guest) => guest.actions)).toEqual([]);
        expect(isEmptyPlan(after)).toBe(true);
        expect(session.mutations(mark)).toEqual([]);
      } finally {
        await session.close();
      }
    }),
    { numRuns: RUNS, seed: 20_261_123, endOnFailure: true },
  );
});
