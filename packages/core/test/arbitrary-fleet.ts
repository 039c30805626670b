import fc from 'fast-check';
import type { Config, Inventory, ObservedGuest } from '../src/index.js';
import { makeConfig, makeGuest, makeInventory } from './made-up.js';

/** What a machine of a generated fleet is to be; `rank` makes references acyclic. */
interface Sketch {
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
  readonly isTemplate: boolean;
  readonly source: number;
  readonly dependency: number;
  readonly linked: boolean;
  readonly tags: readonly string[];
  readonly onboot: boolean;
  readonly interfaces: number;
  readonly state: 'missing' | 'ready' | 'made' | 'sealed' | 'reserved' | 'foreign';
  readonly running: boolean;
  readonly drifted: boolean;
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  cores: fc.integer({ min: 1, max: 16 }),
  memory: fc.integer({ min: 1, max: 32 }).map((gib) => gib * 512),
  disk: fc.integer({ min: 8, max: 64 }),
  isTemplate: fc.boolean(),
  source: fc.integer({ min: -4, max: 10 }),
  dependency: fc.integer({ min: -10, max: 10 }),
  linked: fc.boolean(),
  tags: fc.subarray(['web', 'db', 'prod']),
  onboot: fc.boolean(),
  interfaces: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom('missing', 'ready', 'made', 'sealed', 'reserved', 'foreign'),
  running: fc.boolean(),
  drifted: fc.boolean(),
});

const vmidOf = (rank: number) => 200 + rank;

function describe(one: Sketch, rank: number, all: readonly Sketch[]): Readonly<Record<string, unknown>> {
  const earlier = (index: number) => index >= 0 && index < rank;
  const template = all[one.source];
  return {
    vmid: vmidOf(rank),
    name: `vm-${rank}`,
    cores: one.cores,
    memory_mb: one.memory,
    disk_size_gb: one.disk,
    storage_pool: 'quickOS-vm-disks',
    is_template: one.isTemplate,
    tags: one.tags,
    start_at_boot: one.onboot,
    network_config: Array.from({ length: one.interfaces }, (_, index) => ({
      ip: `10.0.${index}.${rank + 1}/24`,
      bridge: 'vmbr0',
    })),
    ...(earlier(one.source) && template?.isTemplate === true
      ? { clone_from_vmid: vmidOf(one.source), clone_type: one.linked ? 'linked' : 'full' }
      : { template_image: 'noble-server-cloudimg-amd64.img' }),
    ...(earlier(one.dependency) ? { dependencies: [vmidOf(one.dependency)] } : {}),
  };
}

function observe(one: Sketch, rank: number): ObservedGuest | undefined {
  if (one.state === 'missing') return undefined;
  const vmid = vmidOf(rank);
  const template = one.isTemplate && one.state === 'sealed';
  const status = template || !one.running ? 'stopped' : 'running';
  const base = makeGuest({ vmid, name: `vm-${rank}`, status, template });
  const config = {
    ...base.config,
    name: `vm-${rank}`,
    cores: one.drifted ? one.cores + 1 : one.cores,
    memory: String(one.memory),
  };
  const { marker: _marker, ...bare } = { ...base, config };
  if (one.state === 'reserved') return { ...bare, lock: 'clone', config: {} };
  if (one.state === 'foreign') return { ...bare, name: 'payroll', config: { ...config, name: 'payroll' } };
  return { ...bare, marker: { v: 1, id: vmid, stage: one.state, applied: { cores: one.cores } } };
}

/** A declared fleet, and a cluster where its guests are in any state, among them some that are not ours. */
export interface Fleet {
  readonly file: unknown;
  readonly config: Config;
  readonly inventory: Inventory;
  /** Vmids that belong to somebody else. */
  readonly foreign: readonly number[];
}

/** Fleets of up to eight machines whose references have no cycle. */
export const arbitraryFleet: fc.Arbitrary<Fleet> = fc
  .array(sketch, { minLength: 1, maxLength: 8 })
  .map((sketches) => {
    const file = { vms: sketches.map((one, rank) => describe(one, rank, sketches)) };
    const guests = sketches.flatMap((one, rank) => observe(one, rank) ?? []);
    return {
      file,
      config: makeConfig(file),
      inventory: makeInventory(guests),
      foreign: sketches.flatMap((one, rank) => (one.state === 'foreign' ? [vmidOf(rank)] : [])),
    };
  });
