import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '@phoenix/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, FIRST_USERS, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

beforeAll(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
});

afterAll(async () => {
  workspace.remove();
  await lab.close();
});

/** Requests since a mark that change something. */
function mutations(since: number): readonly string[] {
  return lab.requests
    .slice(since)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`);
}

describe('the first users’ file, in order', () => {
  it('plan shows what would be done, and sends nothing that changes anything', async () => {
    const mark = lab.requests.length;
    const { status, stdout } = await workspace.phoenix('plan', '--all', '--detailed-exitcode');
    expect(stdout).toContain('+ 8000 ubuntu-2404-cloud-template');
    expect(stdout).toContain('+ 8001 docker-vm-01');
    expect(stdout).toContain('Plan: 2 to create.');
    expect(stdout.indexOf('8000')).toBeLessThan(stdout.indexOf('8001'));
    expect(status).toBe(2);
    expect(mutations(mark)).toEqual([]);
  });

  it('a plan of the clone alone includes the template that it needs', async () => {
    const { stdout } = await workspace.phoenix('plan', '8001');
    expect(stdout).toContain('+ 8000 ubuntu-2404-cloud-template');
  });

  it('a plan is also a graph and a document', async () => {
    expect((await workspace.phoenix('plan', '--all', '--graph', 'mermaid')).stdout).toMatch(
      /^flowchart TD\n/,
    );
    expect((await workspace.phoenix('plan', '--all', '--graph', 'dot')).stdout).toMatch(/^digraph plan \{\n/);
    const [document] = (await workspace.phoenix('plan', '--all', '--json')).json();
    expect(document).toMatchObject({ type: 'plan', plan: { format: 'phoenix-plan', version: 1 } });
  });

  it('orchestrate makes both, the template first, one line per event', async () => {
    const { status, stdout, stderr } = await workspace.phoenix('orchestrate', '--all');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d ✓ 8000 ubuntu-2404-cloud-template +convert/m);
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d ✓ 8001 docker-vm-01 +features/m);
    expect(stdout).toMatch(/^Done in .*: 2 changed\.$/m);
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(0);
  });

  it('a second run says that there are no changes and sends nothing that changes anything', async () => {
    const mark = lab.requests.length;
    const { status, stdout } = await workspace.phoenix('orchestrate', '--all');
    expect(stdout).toContain('No changes: 2 guests are as declared.');
    expect(status).toBe(0);
    expect(mutations(mark)).toEqual([]);
    expect((await workspace.phoenix('plan', '--all', '--detailed-exitcode')).status).toBe(0);
  });

  it('status shows them', async () => {
    const { status, stdout } = await workspace.phoenix('status');
    expect(stdout).toMatch(/^8000 +ubuntu-2404-cloud-template +machine template +pve +stopped/m);
    expect(stdout).toMatch(/^8001 +docker-vm-01 +machine +pve +running/m);
    expect(status).toBe(0);
    const rows = (await workspace.phoenix('status', '8001', '--json')).json();
    expect(rows).toMatchObject([{ vmid: 8001, status: 'running', managed: true }]);
  });

  it('changed cores give a plan of exactly that, which says when it takes effect', async () => {
    workspace.writeConfig({ ...FIRST_USERS, vms: [FIRST_USERS.vms[0], { ...FIRST_USERS.vms[1], cores: 2 }] });
    const [document] = (await workspace.phoenix('plan', '8001', '--json')).json();
    expect(changesOf(document)).toEqual([
      { key: 'cores', declared: 2, live: 4, lastApplied: 4, takesEffect: 'next-cold-start' },
    ]);
    const { stdout } = await workspace.phoenix('plan', '8001');
    expect(stdout).toMatch(/cores +4 → 2 +takes effect at the next cold start/);
  });

  it('a saved plan is applied as it was shown, and refused when the world changed since', async () => {
    expect((await workspace.phoenix('plan', '8001', '--out', 'change.plan')).status).toBe(0);
    expect((await workspace.phoenix('orchestrate', '--plan', 'change.plan')).status).toBe(0);
    const { status, stderr } = await workspace.phoenix('orchestrate', '--plan', 'change.plan');
    expect(stderr).toContain('PHOENIX_PLAN_STALE');
    expect(status).toBe(7);
  });

  it('a file that is no plan is refused', async () => {
    writeFileSync(join(workspace.directory, 'not-a.plan'), '{}');
    expect(await workspace.phoenix('orchestrate', '--plan', 'not-a.plan')).toMatchObject({ status: 64 });
    expect(await workspace.phoenix('orchestrate', '--plan', 'nowhere.plan')).toMatchObject({ status: 6 });
  });

  it('--json prints one event per line, from run-started to run-finished', async () => {
    workspace.writeConfig({ ...FIRST_USERS, vms: [FIRST_USERS.vms[0], { ...FIRST_USERS.vms[1], cores: 3 }] });
    const events = (await workspace.phoenix('orchestrate', '8001', '--json')).json();
    expect(events.filter(({ type }) => type === 'plan')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'run-started')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', summary: { outcome: 'ok' } });
  });

  it('stop, start and restart do what they say', async () => {
    const power = async () => (await workspace.phoenix('status', '8001', '--json')).json()[0]?.status;
    expect((await workspace.phoenix('stop', '8001')).status).toBe(0);
    expect(await power()).toBe('stopped');
    expect((await workspace.phoenix('start', '8001')).status).toBe(0);
    expect(await power()).toBe('running');
    expect((await workspace.phoenix('restart', '8001')).status).toBe(0);
    expect(await power()).toBe('running');
  });

  it('render prints the seed, without a server', async () => {
    const { status, stdout } = await workspace.phoenixWith(
      { env: { PHOENIX_PVE_URL: undefined } },
      'render',
      '8001',
    );
    expect(stdout).toContain('#cloud-config');
    expect(stdout).toContain('docker-vm-01');
    expect(stdout).toContain('10.0.0.101/24');
    expect(status).toBe(0);
  });

  it('delete --yes stops gracefully, deletes the guest and its seed', async () => {
    const { status, stdout } = await workspace.phoenix('delete', '8001', '--yes');
    expect(stdout).toContain('- 8001 docker-vm-01');
    expect(status).toBe(0);
    expect((await workspace.phoenix('status', '8001', '--json')).json()).toMatchObject([
      { status: 'missing' },
    ]);
    expect((await workspace.phoenix('delete', '8000', '--yes')).status).toBe(0);
  });
});

function changesOf(document: Record<string, unknown> | undefined): readonly unknown[] {
  const plan = document?.plan;
  if (typeof plan !== 'object' || plan === null || !('guests' in plan) || !Array.isArray(plan.guests))
    return [];
  return plan.guests.flatMap((guest: { actions: readonly { changes: readonly unknown[] }[] }) =>
    guest.actions.flatMap((action) => action.changes),
  );
}
