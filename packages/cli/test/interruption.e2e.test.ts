import { type Lab, startLab } from '@phoenix/lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

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
