import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { createWorkspace, FIRST_USERS, type TestWorkspace } from './workspace.js';

let workspace: TestWorkspace;

beforeEach(() => {
  workspace = createWorkspace();
});

afterEach(() => workspace.remove());

describe('phoenix without a server', () => {
  it('prints its version', async () => {
    expect(await workspace.phoenix('--version')).toMatchObject({
      status: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  it('prints help that names every command and variable', async () => {
    const { status, stdout } = await workspace.phoenix('--help');
    expect(status).toBe(0);
    for (const word of [
      'orchestrate',
      'plan',
      'start',
      'stop',
      'restart',
      'delete',
      'status',
      'validate',
      'import',
      'history',
      'render',
      'lab',
      'features',
      'PHOENIX_PVE_URL',
    ])
      expect(stdout).toContain(word);
  });

  it.each([
    [['frobnicate'], 'unknown command'],
    [['plna'], 'Did you mean plan?'],
    [['plan', '--frobnicate', '8001'], 'unknown option'],
    [['plan'], 'Name at least one id'],
    [['plan', 'docker-vm-01'], 'An id is a whole number from 100 to 999999999; got "docker-vm-01".'],
    [['plan', '8000', '--all'], '--all and ids exclude each other'],
    [['orchestrate', '--all', '--parallel', '0'], 'a whole number from 1'],
  ])('answers %j with usage', async (args, text) => {
    const { status, stdout, stderr } = await workspace.phoenix(...args);
    expect(stderr).toContain(text);
    expect(stdout).toBe('');
    expect(status).toBe(64);
  });

  it('validates the first users’ file', async () => {
    const { status, stdout, stderr } = await workspace.phoenix('validate', '--strict');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^valid .*phoenix_vm_configs\.json: 2 machines, 0 containers, 0 warnings\n$/);
    expect(status).toBe(0);
  });

  it('lists every problem of a configuration at once, each with its place', async () => {
    workspace.writeConfig({
      vm_defaults: { ...FIRST_USERS.vm_defaults, corse: 4 },
      vms: [
        { vmid: 99, name: 'bad name!', template_image: 'noble-server-cloudimg-amd64.img' },
        { vmid: 8001, name: 'a', clone_from_vmid: 8001 },
        { vmid: 8001, name: 'b', memory_mb: 'much', template_image: 'x.img' },
      ],
    });
    const { status, stderr } = await workspace.phoenix('validate');
    expect(status).toBe(3);
    const places = stderr
      .split('\n')
      .filter((line) => /phoenix_vm_configs\.json:\d+:\d+: (error|warning): /.test(line));
    expect(places.length).toBeGreaterThanOrEqual(5);
    expect(stderr).toContain('cores');
    expect(stderr).toContain('memory_mb');
    expect(stderr).toContain('expected');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('gives the problems as data with --json', async () => {
    workspace.writeConfig({ vms: [{ vmid: 'x' }] });
    const result = await workspace.phoenix('validate', '--json');
    expect(result.status).toBe(3);
    expect(result.stderr).toBe('');
    expect(result.json().at(-1)).toMatchObject({
      type: 'error',
      code: 'PHOENIX_CONFIG',
      exitCode: 3,
      problems: expect.arrayContaining([
        expect.objectContaining({ line: expect.any(Number), column: expect.any(Number) }),
      ]),
    });
  });

  it('says where it looked when there is no configuration', async () => {
    const { status, stderr } = await workspace.phoenix('--config', 'nowhere.json', 'validate');
    expect(status).toBe(6);
    expect(stderr).toContain('nowhere.json');
    expect(stderr).toContain('PHOENIX_CONFIG_NOT_FOUND');
  });

  it('says what is wrong with a file that is no JSON', async () => {
    writeFileSync(join(workspace.directory, 'phoenix_vm_configs.json'), '{ "vms": [ { "vmid": 8000, ] }');
    const { status, stderr } = await workspace.phoenix('validate');
    expect(status).toBe(3);
    expect(stderr).toMatch(/phoenix_vm_configs\.json:1:\d+: error: /);
  });

  it.each([
    [{}, 'PHOENIX_PVE_URL is not set'],
    [{ PHOENIX_PVE_URL: 'pve' }, 'got "pve"'],
    [{ PHOENIX_PVE_URL: 'https://127.0.0.1:1' }, 'PHOENIX_PVE_TOKEN is not set'],
    [
      { PHOENIX_PVE_URL: 'https://127.0.0.1:1', PHOENIX_PVE_TOKEN: 'nonsense' },
      'must look like user@realm!name=secret',
    ],
    [{ PHOENIX_PVE_URL: 'https://127.0.0.1:1', PHOENIX_PVE_TOKEN: 'a@pam!b=c' }, '127.0.0.1:1'],
    [
      { PHOENIX_PVE_URL: 'https://no-such-host.invalid:8006', PHOENIX_PVE_TOKEN: 'a@pam!b=c' },
      'no-such-host.invalid',
    ],
  ])('with the connection %j ends with one clear sentence and 4', async (env, text) => {
    const { status, stderr } = await workspace.phoenixWith({ env }, 'plan', '8001');
    expect(stderr).toContain(text);
    expect(stderr.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(1);
    expect(stderr).toContain('hint: ');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(4);
  });

  it('needs --yes to delete where there is no terminal', async () => {
    const { status, stderr } = await workspace.phoenix('delete', '8001');
    expect(status).toBe(7);
    expect(stderr).toContain('--yes');
  });

  it('lists the built-in features and shows one with its options', async () => {
    expect((await workspace.phoenix('features', 'list')).stdout).toMatch(/^docker .*built-in/m);
    expect((await workspace.phoenix('features', 'show', 'docker')).stdout).toContain('Options:');
    const { status, stderr } = await workspace.phoenix('features', 'show', 'dokcer');
    expect(stderr).toContain('Did you mean docker?');
    expect(status).toBe(6);
  });

  it('writes a schema of the configuration that knows the features’ options', async () => {
    const printed = await workspace.phoenix('features', 'schema');
    expect(printed.status).toBe(0);
    const { $defs } = JSON.parse(printed.stdout);
    expect(Object.keys($defs['feature-docker'].properties)).toContain('daemon');
    const written = await workspace.phoenix('features', 'schema', '--out', 'phoenix.schema.json');
    expect(written.stdout).toContain('"$schema": "./phoenix.schema.json"');
    const nowhere = await workspace.phoenix('features', 'schema', '--out', 'no/such/place.json');
    expect(nowhere.stderr).toContain('cannot be written');
    expect(nowhere.status).toBe(64);
  });

  it('colours only when told to, outside a terminal', async () => {
    expect((await workspace.phoenix('validate')).stdout).not.toContain('\u001b[');
    expect((await workspace.phoenixWith({ env: { FORCE_COLOR: '1' } }, 'validate')).stdout).toContain(
      '\u001b[',
    );
  });
});
