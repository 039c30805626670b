import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneGuest, getGuestConfig } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEmptyPlan, listActions } from '../src/index.js';
import { printDescription } from '../src/observe/marker.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';
import { firstUsersFile } from './made-up.js';

let session: LabSession;
let directory: string;

beforeAll(async () => {
  session = await openLab();
  directory = await mkdtemp(join(tmpdir(), 'phoenix-ct-'));
  // A template as the index names them; what is in it follows from its name, since the lab cannot unpack zstd.
  await writeFile(template(), Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(4096)]));
});

afterAll(async () => {
  await session.close();
  await rm(directory, { recursive: true, force: true });
});

const template = () => join(directory, 'debian-12-standard_12.7-1_amd64.tar.zst');

function fleet(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    ...firstUsersFile,
    lxc_defaults: { storage_pool: 'quickOS-vm-disks', memory_mb: 512, cores: 1, unprivileged: true },
    lxc_configs: {
      '900': {
        name: 'base-ct',
        template: template(),
        is_template: true,
        storage_size_gb: 2,
        features: ['base_setup'],
      },
      '901': {
        name: 'web-ct',
        clone_from_ctid: 900,
        storage_size_gb: 3,
        network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.201/24', gw: '10.0.0.1' },
        features: ['base_setup'],
        dependencies: [8001],
        ...changes,
      },
    },
  };
}

describe('machines and containers of one file', () => {
  it('come up in one run, across kinds in the order of their dependencies', async () => {
    const orchestrator = session.orchestrator(fleet());
    const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
    expect(failures(run)).toEqual([]);
    const ended = run.events.flatMap((event) => (event.type === 'action-finished' ? [event.actionId] : []));
    expect(ended.indexOf('900/convert')).toBeLessThan(ended.indexOf('901/clone'));
    expect(ended.indexOf('8001/record')).toBeLessThan(ended.indexOf('901/start'));
    const status = await orchestrator.status('all');
    expect(status.map(({ vmid, status: state, template: sealed }) => [vmid, state, sealed])).toEqual(
      [
        [8000, 'stopped', true],
        [8001, 'running', false],
        [900, 'stopped', true],
        [901, 'running', false],
      ].sort(([a], [b]) => Number(a) - Number(b)),
    );
  });

  it('are left alone by a second run', async () => {
    const mark = session.lab.requests.length;
    const plan = await session.orchestrator(fleet()).plan('all');
    expect(listActions(plan).map((action) => [action.id, action.changes])).toEqual([]);
    expect(isEmptyPlan(plan)).toBe(true);
    expect(session.mutations(mark)).toEqual([]);
  });

  it('give the container its own address, size and host name, and never lock it', async () => {
    const config = await getGuestConfig(session.client, { kind: 'lxc', node: 'pve', vmid: 901 });
    expect(config).toMatchObject({ hostname: 'web-ct', cmode: 'shell', unprivileged: true });
    expect(String(config.net0)).toContain('ip=10.0.0.201/24');
    expect(String(config.rootfs)).toContain('size=3G');
    expect('lock' in config).toBe(false);
  });

  it('can be worked in through the terminal of the container alone', async () => {
    const shell = await session.orchestrator(fleet()).openShell(901);
    const result = await shell.run({
      argv: ['sh', '-c', 'hostname; cat; exit 194'],
      stdin: Buffer.from('grüße\n'),
    });
    expect(new TextDecoder().decode(result.stdout)).toBe('web-ct\ngrüße\n');
    expect(result.exitCode).toBe(194);
  });

  it('are changed as announced: memory at once, name servers at the next start', async () => {
    const changed = fleet({
      memory_mb: 1024,
      network_config: {
        name: 'eth0',
        bridge: 'vmbr0',
        ip: '10.0.0.201/24',
        gw: '10.0.0.1',
        nameservers: '10.0.0.53',
      },
    });
    const plan = await session.orchestrator(changed).plan([901]);
    const changes = listActions(plan).flatMap((action) => action.changes);
    expect(changes.map(({ key, takesEffect }) => [key, takesEffect])).toEqual([
      ['memory_mb', 'now'],
      ['nameservers', 'next-cold-start'],
    ]);
    const run = await finish(session.orchestrator(changed).apply(plan));
    expect(failures(run)).toEqual([]);
    expect(run.summary.warnings.map(({ message }) => message).join()).toContain('nameserver');
  });

  it('fail by name when their conversion to a template fails, and are converted by the next run', async () => {
    const base = { ...fleet().lxc_configs['900'], name: 'other-base', features: [] };
    const copy = { name: 'other-clone', clone_from_ctid: 902 };
    const orchestrator = session.orchestrator({ ...fleet(), lxc_configs: { '902': base, '903': copy } });
    session.lab.faults.add({
      on: 'POST /nodes/*/lxc/902/template',
      nth: 1,
      effect: { task: 'fail', log: 'no space' },
    });
    const broken = await finish(orchestrator.apply(await orchestrator.plan([903])));
    expect(failures(broken)).toEqual([
      '902/convert PVE_TASK_FAILED: the task vztemplate of 902 on pve failed: no space',
    ]);
    const repaired = await finish(orchestrator.apply(await orchestrator.plan([903])));
    expect(failures(repaired)).toEqual([]);
    expect(isEmptyPlan(await orchestrator.plan([903]))).toBe(true);
  });

  it('are finished where a clone that somebody else began still runs', async () => {
    const file = fleet();
    const late = { name: 'late-ct', clone_from_ctid: 900, storage_size_gb: 3 };
    const orchestrator = session.orchestrator({
      ...file,
      lxc_configs: { ...file.lxc_configs, '904': late },
    });
    const marker = { v: 1, id: 904, stage: 'made', applied: {}, from: '900@' } as const;
    await cloneGuest(session.client, {
      kind: 'lxc',
      node: 'pve',
      vmid: 900,
      newVmid: 904,
      name: late.name,
      description: printDescription('', marker),
      full: true,
    });
    const run = await finish(orchestrator.apply(await orchestrator.plan([904])));
    expect(failures(run)).toEqual([]);
    const { rootfs } = await getGuestConfig(session.client, { kind: 'lxc', node: 'pve', vmid: 904 });
    expect(rootfs).toMatch(/,size=3G$/);
    expect(isEmptyPlan(await orchestrator.plan([904]))).toBe(true);
  });

  it('are deleted with what they had', async () => {
    const run = await finish(session.orchestrator(fleet()).delete([901]));
    expect(failures(run)).toEqual([]);
    const left = Object.values(session.lab.state.volumes).filter((volume) => volume.vmid === 901);
    expect(left).toEqual([]);
  });
});

describe('a template', () => {
  const name = 'debian-13-standard_13.1-2_amd64.tar.zst';
  const make = async (vmid: number, wanted: string) => {
    const orchestrator = session.orchestrator({
      lxc_configs: {
        [vmid]: {
          name: `from-${vmid}`,
          template: wanted,
          storage_pool: 'quickOS-vm-disks',
          storage_size_gb: 1,
        },
      },
    });
    const plan = await orchestrator.plan('all');
    return { plan, run: await finish(orchestrator.apply(plan)) };
  };

  it('named as in the index of Proxmox VE is downloaded by the node, once', async () => {
    const mark = session.lab.requests.length;
    expect(failures((await make(920, name)).run)).toEqual([]);
    expect(session.mutations(mark)).toContain('POST /nodes/pve/aplinfo');
    const second = session.lab.requests.length;
    expect(failures((await make(921, name)).run)).toEqual([]);
    expect(session.mutations(second).filter((call) => call.includes('aplinfo'))).toEqual([]);
  });

  it('at a URL is fetched by the node, and a volume is taken as it is', async () => {
    const url = `${session.lab.imageMirror}rockylinux-9-default_20240912_amd64.tar.xz`;
    expect(failures((await make(922, url)).run)).toEqual([]);
    const volume = 'local:vztmpl/rockylinux-9-default_20240912_amd64.tar.xz';
    const { plan, run } = await make(923, volume);
    expect(plan.shared).toEqual([]);
    expect(failures(run)).toEqual([]);
  });

  it('that the index does not have is told, with the nearest that it has', async () => {
    const { run } = await make(924, 'debian-13-standard_13.1-1_amd64.tar.zst');
    expect(failures(run)).toEqual([
      expect.stringMatching(
        /PHOENIX_IMAGE: The template index of node pve has no "debian-13-standard_13.1-1/,
      ),
    ]);
    expect(run.events.find((event) => event.type === 'action-failed')).toMatchObject({
      hint: `Did you mean "${name}"?`,
    });
  });

  it('that is not on this machine is told', async () => {
    const { run } = await make(925, join(directory, 'none_amd64.tar.zst'));
    expect(failures(run).join()).toMatch(/PHOENIX_IMAGE: The template .*none_amd64\.tar\.zst cannot be read/);
  });
});
