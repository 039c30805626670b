import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabSession, openLab } from './lab-session.js';

let session: LabSession;

beforeAll(async () => {
  session = await openLab();
});

afterAll(async () => {
  await session.close();
});

/** Puts so many machines of ours on the lab and gives the file that declares them. */
function furnish(count: number) {
  const vms = Array.from({ length: count }, (_, index) => ({
    vmid: 8001 + index,
    name: `machine-${index + 1}`,
  }));
  for (const { vmid, name } of vms) {
    session.lab.state.guests[vmid] = {
      vmid,
      kind: 'qemu',
      node: 'pve',
      config: {
        main: {
          name,
          description: `<!-- phoenix: ${JSON.stringify({ v: 1, id: vmid, stage: 'ready', applied: {}, from: '8000@b' })} -->`,
        },
        pending: {},
        cloudinit: {},
        snapshots: {},
      },
    };
  }
  return { vms: vms.map((vm) => ({ ...vm, template_image: 'noble-server-cloudimg-amd64.img' })) };
}

it('a plan of many machines reads each configuration once, and beside that as much as a plan of few', async () => {
  const asked = async (count: number) => {
    const orchestrator = session.orchestrator(furnish(count));
    const mark = session.lab.requests.length;
    await orchestrator.plan('all');
    const paths = session.lab.requests.slice(mark).map(({ method, path }) => `${method} ${path}`);
    const configs = paths.filter((path) => /\/(config|pending)$/.test(path));
    expect(new Set(configs).size).toBe(configs.length);
    return { configs: configs.length, others: paths.filter((path) => !configs.includes(path)).sort() };
  };
  const others = ['GET /cluster/resources', 'GET /nodes/pve/qemu', 'GET /version'];
  expect(await asked(3)).toEqual({ configs: 3, others });
  expect(await asked(60)).toEqual({ configs: 60, others });
});
