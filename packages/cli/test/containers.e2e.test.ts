import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '@phoenix/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, type TestWorkspace } from './workspace.js';

let lab: Lab;
let workspace: TestWorkspace;

beforeAll(async () => {
  lab = await startLab();
  workspace = createWorkspace(lab);
  const scripts = join(workspace.directory, 'scripts');
  mkdirSync(scripts);
  const write = (name: string, lines: string) =>
    writeFileSync(join(scripts, `feature_install_${name}.sh`), `#!/bin/sh\n${lines}\n`);
  write('mark', 'echo "marked on $(hostname)"');
  write(
    'slow',
    'echo begun\nuntil [ -f /root/go ]; do sleep 1; done\nsleep 60\necho run >>/root/made\necho ended',
  );
});
afterAll(async () => {
  workspace.remove();
  await lab.close();
});

function declare(features: readonly unknown[], more: object = {}): void {
  workspace.writeConfig({
    feature_directories: ['scripts'],
    ...more,
    lxc_configs: {
      '900': {
        name: 'web-ct',
        template: 'debian-12-standard_12.12-1_amd64.tar.zst',
        storage_pool: 'quickOS-vm-disks',
        network_config: { bridge: 'vmbr0', ip: '10.0.0.90/24', gw: '10.0.0.1' },
        features,
      },
    },
  });
}
const phoenix = async (...args: readonly string[]) => {
  const { status, stdout, stderr } = await workspace.phoenix(...args);
  return { status, text: stdout + stderr };
};

describe('every command that takes an id', () => {
  it('takes that of a container: validate, plan, orchestrate, status', async () => {
    declare(['mark']);
    expect(await phoenix('validate')).toMatchObject({
      status: 0,
      text: expect.stringContaining('1 container'),
    });
    const plan = await phoenix('plan', '900');
    expect(plan).toMatchObject({ status: 0, text: expect.stringContaining('container on quickOS-vm-disks') });
    const made = await phoenix('orchestrate', '900');
    expect(made.status, made.text).toBe(0);
    expect((await phoenix('orchestrate', '900')).text).toContain('No changes');
    const [status] = (await workspace.phoenix('status', '900', '--json')).json();
    expect(status).toMatchObject({
      guestKind: 'container',
      status: 'running',
      managed: true,
      addresses: ['10.0.0.90'],
      features: ['mark'],
    });
  });

  it('exec passes arguments, standard input and the exit code', async () => {
    const result = await workspace.phoenixWith(
      { input: 'grüße\n' },
      'exec',
      '900',
      '--',
      'sh',
      '-c',
      'hostname; cat; echo "$1" >&2; exit 42',
      'sh',
      "it's $HOME",
    );
    expect(result).toMatchObject({ status: 42, stdout: 'web-ct\ngrüße\n', stderr: "it's $HOME\n" });
  });

  it('logs shows what features wrote, and what Proxmox VE did', async () => {
    const listed = await phoenix('logs', '900');
    expect(listed).toMatchObject({ status: 0, text: 'phoenix logs 900 mark\n' });
    expect((await phoenix('logs', '900', 'mark')).text).toContain('marked on web-ct');
    expect((await phoenix('logs', '900', 'none')).status).toBe(6);
    const tasks = (await workspace.phoenix('logs', '900', '--tasks', '--json')).json();
    expect(tasks.map(({ type }) => type)).toEqual(expect.arrayContaining(['vzcreate', 'vzstart']));
    const create = String(tasks.find(({ type }) => type === 'vzcreate')?.upid);
    const log = await phoenix('logs', '900', '--task', create);
    expect(log).toMatchObject({ status: 0, text: expect.stringMatching(/extracting archive.*TASK OK\n$/s) });
    expect(await phoenix('logs', '900', '--tasks')).toMatchObject({
      text: expect.stringContaining('vzcreate'),
    });
    expect(await phoenix('logs', '900', '--task', 'nonsense')).toMatchObject({ status: 6 });
  });

  it('stop, start and restart do what they say, and logs tells of a stopped one, too', async () => {
    const state = async () => (await workspace.phoenix('status', '900', '--json')).json()[0]?.status;
    expect((await phoenix('stop', '900')).status).toBe(0);
    expect(await state()).toBe('stopped');
    expect(await phoenix('exec', '900', '--', 'true')).toMatchObject({
      text: expect.stringContaining('is not running'),
    });
    expect((await phoenix('logs', '900', '--tasks')).text).toContain('vzshutdown');
    expect((await phoenix('start', '900')).status).toBe(0);
    expect(await state()).toBe('running');
    expect((await phoenix('restart', '900')).status).toBe(0);
    expect((await phoenix('exec', '900', '--', 'hostname')).text).toBe('web-ct\n');
  });

  it('render says why there is nothing to render, and history lists its runs', async () => {
    expect(await phoenix('render', '900')).toMatchObject({
      status: 6,
      text: expect.stringContaining('containers are configured by Proxmox VE itself'),
    });
    expect((await phoenix('history', '900')).text).toMatch(/orchestrate 900 .*ok/);
  });

  it('exec goes through SSH where that is configured', async () => {
    const bin = join(workspace.directory, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'ssh'),
      '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\necho "$2" >"$SEEN"\nexec sh -c "$3"\n',
    );
    writeFileSync(join(bin, 'pct'), '#!/bin/sh\nshift 3\nexec "$@"\n');
    for (const name of ['ssh', 'pct']) chmodSync(join(bin, name), 0o755);
    declare([], { container_shell: { kind: 'ssh', user: 'ops', nodes: { pve: { host: '192.0.2.9' } } } });
    const seen = join(workspace.directory, 'seen');
    const result = await workspace.phoenixWith(
      { env: { PATH: `${bin}:${process.env.PATH}`, SEEN: seen }, input: 'in' },
      'exec',
      '900',
      '--',
      'sh',
      '-c',
      'cat; exit 3',
    );
    expect(result).toMatchObject({ status: 3, stdout: 'in' });
    expect(readFileSync(seen, 'utf8')).toBe('ops@192.0.2.9\n');
  });

  it('delete deletes it', async () => {
    expect((await phoenix('delete', '900', '--yes')).status).toBe(0);
    expect((await workspace.phoenix('status', '900', '--json')).json()[0]?.status).toBe('missing');
  });
});

describe('a feature of a minute in a container', () => {
  it('that runs when Phoenix is killed runs once: the next run follows it', async () => {
    declare(['slow']);
    const killed = await workspace.phoenixWith(
      {
        watch: (output, kill) => {
          if (/slow +begun/.test(output)) kill('SIGKILL');
        },
      },
      'orchestrate',
      '900',
    );
    expect(killed.status).toBeNull();
    expect((await phoenix('exec', '900', '--', 'touch', '/root/go')).status).toBe(0);
    const again = await phoenix('orchestrate', '900');
    expect(again.status, again.text).toBe(0);
    expect(again.text).toContain('already running in the guest, following it');
    expect(again.text).toMatch(/slow +ended/);
    expect((await phoenix('exec', '900', '--', 'cat', '/root/made')).text).toBe('run\n');
    expect((await phoenix('plan', '900', '--detailed-exitcode')).status).toBe(0);
  }, 240_000);
});
