import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Lab, startLab } from '@phoenix/lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

const SECRET = 'correct-horse-battery';

let lab: Lab;
let workspace: TestWorkspace;
let folder: string;

beforeEach(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
  folder = join(workspace.directory, 'state/phoenix/runs');
});

afterEach(async () => {
  workspace.remove();
  await lab.close();
});

const records = () => readdirSync(folder).sort();
const history = async (...args: readonly string[]) =>
  (await workspace.phoenix('history', '--json', ...args)).json();

/** A machine whose only feature prints its secret option, also base64-encoded, and fails with it. */
function declareTalkative(): void {
  mkdirSync(join(workspace.directory, 'scripts'));
  writeFileSync(join(workspace.directory, 'scripts/feature_install_talk.sh'), '#!/bin/sh\necho talking\n');
  workspace.writeConfig({
    feature_directories: ['scripts'],
    vms: [
      {
        vmid: 8100,
        name: 'talkative',
        template_image: 'noble-server-cloudimg-amd64.img',
        storage_pool: 'quickOS-vm-disks',
        network_bridge: 'vmbr0',
        description: `written by mistake: ${SECRET}`,
        user_config: { username: 'phoenix_user', password: { $secret: 'env:TALK' } },
        features: ['talk'],
      },
    ],
  });
  const told = `the password is ${SECRET}\n${Buffer.from(SECRET).toString('base64')}\n`;
  lab.guests?.script({
    on: { script: /echo talking/ },
    reply: { exitCode: 3, stdout: told, stderr: `refused: ${SECRET}\n` },
  });
}

describe('the record of a run', () => {
  it('is readable by nobody else, and holds no secret of what was said, planned or failed', async () => {
    declareTalkative();
    const env = { TALK: SECRET };
    const run = await workspace.phoenixWith({ env }, 'orchestrate', '8100');
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('the password is ••••••');
    const [name = ''] = records();
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).toContain('the password is ••••••');
    expect(text).toContain('"type":"action-failed"');
    const token = lab.token.replace(/^.*=/, '');
    for (const secret of [SECRET, Buffer.from(SECRET).toString('base64'), token])
      expect(text).not.toContain(secret);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await history()).toMatchObject([
      { command: 'orchestrate 8100', outcome: 'failed', vmids: [8100] },
    ]);
  });

  it('is listed and shown by its name, for people and as JSON', async () => {
    await workspace.phoenix('orchestrate', '8000');
    const [run] = await history();
    expect(run).toMatchObject({ outcome: 'ok', vmids: [8000], summary: { outcome: 'ok' } });
    expect(run?.durationMs).toBeGreaterThan(0);
    const name = String(run?.name);
    const list = (await workspace.phoenix('history')).stdout;
    expect(list).toMatch(new RegExp(`orchestrate 8000 +8000 +ok +[0-9.]+ s +${name}`));
    expect((await workspace.phoenix('history', name)).stdout).toMatch(/^Done in /m);
    const events = await history(name);
    expect(events[0]).toMatchObject({ type: 'run-started' });
    expect(events.at(-1)).toMatchObject({ type: 'run-finished' });
    expect((await workspace.phoenix('history', '2020-01-01T00-00-00-000Z-1')).status).toBe(6);
    expect(await history('8001')).toEqual([]);
  });

  it('of a run that was refused names the error', async () => {
    await workspace.phoenix('plan', '8000', '--out', 'a.plan');
    await workspace.phoenix('orchestrate', '8000');
    expect((await workspace.phoenix('orchestrate', '--plan', 'a.plan')).status).toBe(7);
    expect((await history())[0]).toMatchObject({ outcome: 'refused', code: 'PHOENIX_PLAN_STALE' });
  });

  it('of a killed run says so, also when its last line is cut, and a run that has not ended runs', async () => {
    await workspace.phoenixWith(
      { watch: (output, kill) => / · 8000 .* create/.test(output) && kill('SIGKILL') },
      'orchestrate',
      '8000',
    );
    const [name = ''] = records();
    const file = join(folder, name);
    truncateSync(file, statSync(file).size - 5);
    expect(await history()).toMatchObject([{ outcome: 'killed', vmids: [8000] }]);
    const shown = await workspace.phoenix('history', name.replace('.ndjson', ''));
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringContaining('Killed:') });
    const at = new Date().toISOString();
    const header = { type: 'run', at, command: 'orchestrate 1', directory: '/', endpoint: '' };
    const here = JSON.stringify({ ...header, host: hostname(), pid: process.pid });
    writeFileSync(join(folder, '2099-01-01T00-00-00-000Z-1.ndjson'), `${here}\n`);
    expect((await history())[0]).toMatchObject({ outcome: 'running' });
  });

  it('is kept for 90 days, and 200 of them; what is no record is passed over', async () => {
    mkdirSync(folder, { recursive: true });
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().replace(/[:.]/g, '-');
    const names = Array.from({ length: 210 }, (_, index) => `${day(1)}-${1000 + index}.ndjson`);
    for (const name of [...names, `${day(91)}-1.ndjson`, `${day(89)}-1.ndjson`])
      appendFileSync(join(folder, name), 'no record\n');
    await workspace.phoenix('orchestrate', '8000');
    expect(records()).toHaveLength(200);
    expect(records().filter((name) => name < day(2))).toEqual([]);
    expect(await history()).toHaveLength(1);
  });

  it('that cannot be written is said, and stops nothing', async () => {
    // A file where the directory would be.
    const env = { XDG_STATE_HOME: join(workspace.directory, 'phoenix_vm_configs.json') };
    const run = await workspace.phoenixWith({ env }, 'orchestrate', '8000');
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/^warning: this run is not recorded: /);
  });
});
