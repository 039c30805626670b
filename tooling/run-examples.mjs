// Executes what stands in examples/, against a lab, with the built packages.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll } from './pack.mjs';
import { phoenix, startLab } from './phoenix.mjs';
import { root } from './workspace.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'phoenix-examples-'));
let failures = 0;
try {
  for (const name of readdirSync(join(root, 'examples')).sort())
    for (const file of readdirSync(join(root, 'examples', name)).filter((entry) =>
      /^phoenix.*\.(?:json|jsonc|ya?ml)$/.test(entry),
    ))
      await example(`${name}/${file}`, () => runConfig(name, file));
  await example('embed', runEmbed);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

/** A configuration is valid, comes up on an empty lab, and then has nothing left to do. */
async function runConfig(name, file) {
  const config = ['--config', join(root, 'examples', name, file)];
  expectStatus(await phoenix([...config, 'validate', '--strict']), 0);
  await withLab(async (env) => {
    expectStatus(await phoenix([...config, 'plan', '--all', '--detailed-exitcode'], { env }), 2);
    // Its image is built for real guests; `pnpm demo --real` and `pnpm test:real` run it.
    if (name === 'real-guests') return;
    expectStatus(await phoenix([...config, 'orchestrate', '--all'], { env }), 0);
    expectStatus(await phoenix([...config, 'plan', '--all', '--detailed-exitcode'], { env }), 0);
  });
}

/** The ten lines of examples/embed, from the packed tarballs, in a project that knows nothing of this workspace. */
async function runEmbed() {
  const project = join(scratch, 'embed');
  const packs = join(scratch, 'packs');
  mkdirSync(packs, { recursive: true });
  cpSync(join(root, 'examples/embed'), project, { recursive: true });
  const tarballs = packAll(packs);
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const direct = Object.keys(manifest.dependencies);
  const overrides = Object.fromEntries(
    Object.entries(tarballs).map(([pack, tarball]) => [pack, `file:${tarball}`]),
  );
  manifest.dependencies = Object.fromEntries(direct.map((pack) => [pack, overrides[pack]]));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ ...manifest, overrides }, undefined, 2));
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: project,
    encoding: 'utf8',
  });
  expectStatus({ status: install.status ?? 1, stdout: install.stdout, stderr: install.stderr }, 0);
  await withLab(async (env) => {
    const run = () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['main.mjs', join(root, 'examples/first-users/phoenix_vm_configs.json')],
        { cwd: project, env, encoding: 'utf8' },
      );
      expectStatus({ status: status ?? 1, stdout, stderr }, 0);
      return JSON.parse(stdout.trim().split('\n').at(-1)).summary;
    };
    const first = run();
    if (first.outcome !== 'ok' || first.guests.some((guest) => guest.outcome !== 'changed'))
      throw new Error(`unexpected summary: ${JSON.stringify(first)}`);
    const second = run();
    if (second.outcome !== 'ok' || second.guests.some((guest) => guest.outcome !== 'unchanged'))
      throw new Error(`the second run changed something: ${JSON.stringify(second)}`);
  });
}

async function example(name, run) {
  const startedAt = performance.now();
  try {
    await run();
    console.log(`ok   ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL ${name}\n${error instanceof Error ? error.message : error}`);
  }
}

async function withLab(use) {
  const lab = await startLab(mkdtempSync(join(scratch, 'lab-')));
  try {
    await use(lab.env);
  } finally {
    await lab.stop();
  }
}

function expectStatus({ status, stdout, stderr }, expected) {
  if (status !== expected) throw new Error(`expected exit ${expected}, got ${status}\n${stdout}${stderr}`);
}
