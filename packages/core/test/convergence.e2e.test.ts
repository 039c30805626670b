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
