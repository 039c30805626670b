import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAll } from './pack.mjs';
import { startLab } from './phoenix.mjs';
import { root } from './workspace.mjs';

const page = readFileSync(join(root, 'docs/feature-packs.md'), 'utf8');
const [, chapter = ''] = /## From nothing to a published pack\n([\s\S]*?)\n## The contract/.exec(page) ?? [];
const blocks = [...chapter.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)];

let scratch: string;
let project: string;
let env: NodeJS.ProcessEnv;
let lab: Awaited<ReturnType<typeof startLab>>;

/** A project that has nothing but the packed command line, and a lab beside it. */
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'phoenix-feature-packs-'));
  project = join(scratch, 'project');
  const packs = join(scratch, 'packs');
  mkdirSync(packs);
  mkdirSync(project);
  const overrides = Object.fromEntries(
    Object.entries(packAll(packs)).map(([name, file]) => [name, `file:${file}`]),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { '@phoenix/cli': overrides['@phoenix/cli'] },
      overrides,
    }),
  );
  await npm('install');
  lab = await startLab(join(scratch, 'lab'));
  env = lab.env;
}, 300_000);

afterAll(async () => {
  await lab?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

it('every command of docs/feature-packs.md works as written', async () => {
  expect(blocks.length).toBeGreaterThan(8);
  for (const [, language, file, text = ''] of blocks) {
    if (file !== undefined) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), text);
    } else if (language === 'sh') {
      for (const line of text.trim().split('\n')) await runLine(line);
    }
  }
  const again = await bin('phoenix', ['plan', '8100', '--detailed-exitcode']);
  expect(again.status, again.output).toBe(0);
}, 300_000);

describe('the packs of a third party, from their tarballs', () => {
  it('are installed beside Phoenix, listed, and brought into a guest', async () => {
    for (const name of ['feature-pack-redis', 'feature-pack-sysctl']) {
      const copy = join(scratch, name);
      cpSync(join(root, 'examples', name), copy, { recursive: true });
      await npm('pack', copy);
    }
    await npm('install', './acme-phoenix-feature-redis-1.0.0.tgz', './acme-phoenix-feature-sysctl-1.0.0.tgz');
    const vm = {
      vmid: 8101,
      name: 'cache-01',
      template_image: 'noble-server-cloudimg-amd64.img',
      storage_pool: 'quickOS-vm-disks',
      network_bridge: 'vmbr0',
      network_config: { ip: 'dhcp' },
      user_config: { username: 'phoenix_user' },
      features: [
        { name: 'sysctl', options: { settings: { 'vm.swappiness': 10 } } },
        { name: 'redis', options: { password: { $secret: 'env:REDIS_PASSWORD' } } },
      ],
    };
    const config = {
      feature_packs: ['@acme/phoenix-feature-redis', '@acme/phoenix-feature-sysctl'],
      vms: [vm],
    };
    writeFileSync(join(project, 'third-party.json'), JSON.stringify(config));
    const listed = await bin('phoenix', ['--config', 'third-party.json', 'features', 'list']);
    expect(listed.output).toMatch(/redis +1\.0\.0 +package @acme\/phoenix-feature-redis 1\.0\.0/);
    const secret = 'a password for the test';
    const made = await bin('phoenix', ['--config', 'third-party.json', 'orchestrate', '8101'], {
      REDIS_PASSWORD: secret.replaceAll(' ', '-'),
    });
    expect(made.status, made.output).toBe(0);
    expect(made.output).not.toContain(secret.replaceAll(' ', '-'));
    const planned = await bin(
      'phoenix',
      ['--config', 'third-party.json', 'plan', '8101', '--detailed-exitcode'],
      {
        REDIS_PASSWORD: secret.replaceAll(' ', '-'),
      },
    );
    expect(planned.status, planned.output).toBe(0);
  }, 300_000);

  it('that are misspelt are answered with the nearest name', async () => {
    const config = JSON.parse(readFileSync(join(project, 'third-party.json'), 'utf8'));
    writeFileSync(
      join(project, 'misspelt.json'),
      JSON.stringify({ ...config, feature_packs: ['@acme/phoenix-feature-reddis'] }),
    );
    const { status, output } = await bin('phoenix', ['--config', 'misspelt.json', 'features', 'list']);
    expect(output).toContain('did you mean @acme/phoenix-feature-redis?');
    expect(status).toBe(6);
  });
});

async function runLine(line: string): Promise<void> {
  const [program = '', ...words] = line.split(' ');
  const { status, output } =
    program === 'npx'
      ? await bin(words[0] ?? '', words.slice(1))
      : program === 'npm'
        ? await npm(...words)
        : { status: 1, output: 'unknown' };
  expect(status, `${line}\n${output}`).toBe(0);
}

/** A program that the project has installed. */
function bin(name: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  expect(name).toBe('phoenix');
  const main = join(project, 'node_modules/@phoenix/cli/dist/main.js');
  return execute(process.execPath, [main, ...args], { ...env, ...more });
}

async function npm(...args: readonly string[]) {
  const result = await execute('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], process.env);
  expect(result.status, result.output).toBe(0);
  return result;
}

function execute(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: project, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const note = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', note);
    child.stderr.setEncoding('utf8').on('data', note);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
