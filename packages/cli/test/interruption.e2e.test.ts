import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, type LabOptions, startLab } from '@phoenix/lab';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWorkspace, FIRST_USERS, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

beforeEach(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
});

afterEach(async () => {
  workspace.remove();
  await lab.close();
});

/** A new lab with these options, and a workspace on it. */
async function restart(options: LabOptions): Promise<void> {
  workspace.remove();
  await lab.close();
  lab = await startLab(options);
  workspace = createWorkspace(lab);
}

/** Calls that create a machine, so far. */
const creations = () =>
  lab.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/qemu'));

/** Resolves when such a call has arrived. */
const creating = () => vi.waitUntil(() => creations().length > 0, { timeout: 60_000, interval: 20 });

describe('an interrupted run', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends after %s with %d, says so, and a second run finishes the work', async (signal, code) => {
    let sent = false;
    const interrupted = await workspace.phoenixWith(
      {
        watch: (output, kill) => {
          if (sent || !/ · 8000 .* create/.test(output)) return;
          sent = true;
          kill(signal);
        },
      },
      'orchestrate',
      '--all',
    );
    expect(sent).toBe(true);
    expect(interrupted.status).toBe(code);
    expect(interrupted.stderr).toContain('Stopping');
    expect(interrupted.stdout).toContain('Interrupted in');
    const again = await workspace.phoenix('orchestrate', '--all');
    expect(again.stdout).toMatch(/^Done in /m);
    expect(again.status).toBe(0);
    expect((await workspace.phoenix('orchestrate', '--all')).stdout).toContain('No changes');
  });

  it('finishes the request in flight, and names what is left running; a second run follows that', async () => {
    await restart({ patienceMs: 3000 });
    // The answer comes three seconds after the call, unless something else is asked.
    lab.faults.add({ on: 'POST /nodes/*/qemu', times: 1, effect: { delayMs: 6000 } });
    const interrupted = await workspace.phoenixWith(
      { started: (kill) => void creating().then(() => kill('SIGINT')) },
      'orchestrate',
      '8000',
    );
    expect(interrupted.status).toBe(130);
    expect(interrupted.stdout).toContain('- 8000 ubuntu-2404-cloud-template interrupted');
    expect(creations()).toMatchObject([{ status: 200 }]);
    expect(interrupted.stdout).toMatch(
      /Still running on the cluster.*:\n {4}UPID:pve:[0-9A-F:]+:qmcreate:8000:/,
    );
    const again = await workspace.phoenix('orchestrate', '8000');
    expect(again.stdout).toMatch(/^Done in /m);
    expect(creations()).toHaveLength(1);
  });

  it('leaves at once when it is told twice', async () => {
    await restart({ patienceMs: 100_000 });
    // The answer to the creating call does not come while this test lasts.
    lab.faults.add({ on: 'POST /nodes/*/qemu', effect: { delayMs: 600_000 } });
    let again = false;
    const left = await workspace.phoenixWith(
      {
        started: (kill) => void creating().then(() => kill('SIGINT')),
        watch: (output, kill) => {
          if (again || !output.includes('Stopping')) return;
          again = true;
          kill('SIGINT');
        },
      },
      'orchestrate',
      '8000',
    );
    expect(again).toBe(true);
    expect(left.status).toBe(130);
    expect(left.stdout).not.toContain('Interrupted in');
    expect((await workspace.phoenix('history', '--json')).json()).toMatchObject([{ outcome: 'killed' }]);
  });

  it('names the script that goes on in a guest', async () => {
    mkdirSync(join(workspace.directory, 'scripts'));
    writeFileSync(
      join(workspace.directory, 'scripts/feature_install_slow.sh'),
      '#!/bin/sh\necho begun\nuntil [ -f /root/go ]; do sleep 1; done\n',
    );
    workspace.writeConfig({
      ...FIRST_USERS,
      feature_directories: ['scripts'],
      vms: [FIRST_USERS.vms[0], { ...FIRST_USERS.vms[1], features: ['slow'] }],
    });
    const interrupted = await workspace.phoenixWith(
      {
        watch: (output, kill) => /slow +begun/.test(output) && !output.includes('Stopping') && kill('SIGINT'),
      },
      'orchestrate',
      '8001',
    );
    expect(interrupted.status).toBe(130);
    expect(interrupted.stdout).toMatch(
      /Still running .*:\n {4}apply of feature slow in 8001 \(docker-vm-01\)\n/,
    );
  });

  it('is killed without a word, and a second run finishes the work', async () => {
    const killed = await workspace.phoenixWith(
      { watch: (output, kill) => / · 8000 .* create/.test(output) && kill('SIGKILL') },
      'orchestrate',
      '--all',
    );
    expect(killed.status).toBeNull();
    expect((await workspace.phoenix('orchestrate', '--all')).status).toBe(0);
  });

  it('stands in the history, and so do the others', async () => {
    await workspace.phoenix('orchestrate', '8000');
    await workspace.phoenixWith(
      { watch: (output, kill) => / · 8001 .* clone/.test(output) && kill('SIGKILL') },
      'orchestrate',
      '8001',
    );
    const runs = (await workspace.phoenix('history', '--json')).json();
    expect(runs).toMatchObject([
      { command: 'orchestrate 8001', outcome: 'killed' },
      { command: 'orchestrate 8000', outcome: 'ok', vmids: [8000] },
    ]);
    const name = String(runs[1]?.name);
    expect((await workspace.phoenix('history', '--run', name)).stdout).toContain(
      '✓ 8000 ubuntu-2404-cloud-template',
    );
    expect((await workspace.phoenix('history', '--run', 'nonsense')).status).toBe(6);
    expect((await workspace.phoenix('history', '8000')).stdout).toMatch(/orchestrate 8000 .*ok/);
  });
});
