import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLab } from '@phoenix/lab';
import { createProxmoxClient } from '@phoenix/proxmox-client';
import { describe, expect, it } from 'vitest';
import { runPhoenix } from '../run-phoenix.js';
import { labEnvironment } from '../workspace.js';
import { type FinalState, readFinalState } from './final-state.js';

const PRELOAD = fileURLToPath(new URL('./kill-at-request.mjs', import.meta.url));
/** Cuts beyond this many are sampled evenly; 0 takes every one. */
const LIMIT = Number(process.env.PHOENIX_MATRIX_CUTS ?? 120);

const FLEET = {
  vm_defaults: {
    cores: 2,
    memory_mb: 1024,
    disk_size_gb: 10,
    storage_pool: 'quickOS-vm-disks',
    network_bridge: 'vmbr0',
  },
  vms: [
    {
      vmid: 8000,
      name: 'template',
      is_template: true,
      template_image: 'noble-server-cloudimg-amd64.img',
      network_config: { ip: 'dhcp' },
      user_config: { username: 'phoenix_user' },
      features: ['base_setup'],
    },
    ...[1, 2, 3].map((n) => ({
      vmid: 8000 + n,
      name: `clone-${n}`,
      clone_from_vmid: 8000,
      features: n === 1 ? ['docker'] : [],
      network_config: { ip: `10.0.0.${n + 10}/24`, gw: '10.0.0.1' },
      user_config: { username: 'phoenix_user' },
    })),
  ],
};

interface World {
  orchestrate(environment?: Readonly<Record<string, string>>): ReturnType<typeof runPhoenix>;
  state(): Promise<FinalState>;
  mark(): number;
  mutations(since: number): readonly string[];
  close(): Promise<void>;
}

async function openWorld(): Promise<World> {
  const lab = await startLab({ seed: 1 });
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-matrix-'));
  writeFileSync(join(directory, 'phoenix_vm_configs.json'), JSON.stringify(FLEET));
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  return {
    orchestrate: (environment = {}) =>
      runPhoenix(['orchestrate', '--all'], {
        cwd: directory,
        env: { ...labEnvironment(lab), ...environment },
      }),
    state: () => readFinalState(client),
    mark: () => lab.requests.length,
    mutations: (since) =>
      lab.requests
        .slice(since)
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      await client.close();
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Undisturbed {
  readonly requests: readonly string[];
  readonly state: FinalState;
}

async function runUndisturbed(): Promise<Undisturbed> {
  const world = await openWorld();
  const trace = join(tmpdir(), `phoenix-trace-${process.pid}`);
  try {
    const run = await world.orchestrate({ NODE_OPTIONS: `--import=${PRELOAD}`, PHOENIX_TEST_TRACE: trace });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    return { requests: readFileSync(trace, 'utf8').trim().split('\n'), state: await world.state() };
  } finally {
    rmSync(trace, { force: true });
    await world.close();
  }
}

/** Changing requests are cut at both moments, reading ones when they are answered; agent calls count as reading, there are many. */
function listCuts(requests: readonly string[]): readonly string[] {
  const cuts = requests.flatMap((request, index) => {
    const changes = !request.startsWith('GET') && !request.includes('/agent/');
    return changes ? [`sent:${index + 1}`, `answered:${index + 1}`] : [`answered:${index + 1}`];
  });
  if (LIMIT === 0 || cuts.length <= LIMIT) return cuts;
  const changing = cuts
    .filter((cut) => cut.startsWith('sent:'))
    .flatMap((cut) => [cut, cut.replace('sent', 'answered')]);
  const rest = cuts.filter((cut) => !changing.includes(cut));
  const taken = new Set([...sample(changing, LIMIT), ...sample(rest, Math.max(0, LIMIT - changing.length))]);
  return cuts.filter((cut) => taken.has(cut));
}

/** At most `most` of the items, evenly spread. */
function sample(items: readonly string[], most: number): readonly string[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] ?? '');
}

async function cutAndRepair(cut: string, expected: FinalState): Promise<void> {
  const world = await openWorld();
  try {
    await world.orchestrate({ NODE_OPTIONS: `--import=${PRELOAD}`, PHOENIX_TEST_CUT: cut });
    const repaired = await world.orchestrate();
    expect(repaired.stderr, cut).toBe('');
    expect(repaired.status, `${cut}\n${repaired.stdout}`).toBe(0);
    expect(await world.state(), cut).toEqual(expected);
    const mark = world.mark();
    expect((await world.orchestrate()).status, cut).toBe(0);
    expect(world.mutations(mark), cut).toEqual([]);
  } finally {
    await world.close();
  }
}

describe('a run that is killed at any request', async () => {
  const undisturbed = await runUndisturbed();
  const cuts = listCuts(undisturbed.requests);

  it('has been cut at every kind of changing request', () => {
    expect(cuts.length).toBeGreaterThan(Math.min(20, LIMIT || 20) - 1);
  });

  it.concurrent.each(cuts)(
    '%s is repaired by running again',
    (cut) => cutAndRepair(cut, undisturbed.state),
    120_000,
  );
});
