// Packs every package and asks publint and attw whether the tarballs work for those who install them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './pack.mjs';
import { root } from './workspace.mjs';

const destination = mkdtempSync(join(tmpdir(), 'phoenix-packs-'));
let failures = 0;
try {
  for (const [name, tarball] of Object.entries(packAll(destination))) {
    const bytes = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
      strict: true,
    });
    const problems = messages.map((message) => formatMessage(message, pkg) ?? message.code);
    if (JSON.stringify(pkg).includes('workspace:') || JSON.stringify(pkg).includes('catalog:'))
      problems.push('the packed manifest still refers to the workspace');
    const attw = spawnSync(
      join(root, 'node_modules/.bin/attw'),
      [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'],
      { encoding: 'utf8' },
    );
    if (attw.status !== 0) problems.push(attw.stdout + attw.stderr);
    failures += problems.length > 0 ? 1 : 0;
    console.log(
      `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${Math.ceil(bytes.byteLength / 1024)} KiB)`,
    );
    for (const problem of problems) console.log(`     ${problem.replaceAll('\n', '\n     ')}`);
  }
} finally {
  rmSync(destination, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
