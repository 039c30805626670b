import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './workspace.mjs';

it('the generated pages of docs/ are up to date', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'tooling/generate-docs.mjs'), '--check'],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
