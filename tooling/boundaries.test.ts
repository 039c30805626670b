import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPackages, root } from './workspace.mjs';

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'phoenix-boundaries-'));
  for (const file of [
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    'turbo.json',
    'tsconfig.base.json',
  ])
    cpSync(join(root, file), join(checkout, file));
  for (const { name } of listPackages()) {
    const folder = join(checkout, 'packages', name);
    mkdirSync(join(folder, 'src'), { recursive: true });
    for (const file of ['package.json', 'turbo.json', 'tsconfig.json'])
      cpSync(join(root, 'packages', name, file), join(folder, file));
    writeFileSync(join(folder, 'src/index.ts'), 'export {};\n');
  }
  spawnSync('git', ['init', '-q'], { cwd: checkout });
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

describe('turbo boundaries', () => {
  it('accepts the arrows of the architecture', () => {
    expect(runBoundaries()).toMatchObject({ status: 0 });
  });

  it.each([
    ['proxmox-client', 'core'],
    ['cloudinit', 'features'],
    ['features', 'proxmox-client'],
    ['lab', 'proxmox-client'],
    ['core', 'cli'],
  ])('refuses %s → %s', (from, to) => {
    addArrow(from, to, 'dependencies');
    const { status, output } = runBoundaries();
    expect(status).not.toBe(0);
    expect(output).toContain(`@phoenix/${to}`);
  });
});

describe('shipped source', () => {
  it.each(['core', 'proxmox-client', 'cloudinit', 'features'])('of %s may not import the lab', (from) => {
    addArrow(from, 'lab', 'devDependencies');
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'tooling/check-arrows.mjs'), checkout],
      { encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('imports @phoenix/lab');
  });

  it('may import it from tests', () => {
    addArrow('core', 'lab', 'devDependencies', 'src/plan.test.ts');
    const { status } = spawnSync(process.execPath, [join(root, 'tooling/check-arrows.mjs'), checkout], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
  });
});

function addArrow(
  from: string,
  to: string,
  kind: 'dependencies' | 'devDependencies',
  file = 'src/index.ts',
): void {
  const manifestFile = join(checkout, 'packages', from, 'package.json');
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  writeFileSync(
    manifestFile,
    JSON.stringify({ ...manifest, [kind]: { ...manifest[kind], [`@phoenix/${to}`]: 'workspace:^' } }),
  );
  writeFileSync(join(checkout, 'packages', from, file), `import '@phoenix/${to}';\n`);
}

function runBoundaries(): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/turbo'),
    ['boundaries', '--cwd', checkout],
    { encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}
