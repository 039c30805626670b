#!/usr/bin/env node
// Usage: pnpm bench NAME [arguments], where NAME is one of the programs in bench/.
// A benchmark prints ratios against a floor measured in the same run; its last line is one JSON object
// {"bench":NAME,"ratios":{…},"rounds":N,"node":"v20…"}.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const names = readdirSync(new URL('bench/', root))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`expected one of ${names.join(', ')}, got ${name ?? 'nothing'}`);
  process.exit(1);
}
const options = { cwd: fileURLToPath(root), stdio: 'inherit' };
const build = spawnSync('npx', ['turbo', 'run', 'build', '--output-logs=errors-only'], options);
if (build.status !== 0) process.exit(build.status ?? 1);
const run = spawnSync(process.execPath, [`bench/${name}.mjs`, ...rest], options);
process.exit(run.status ?? 1);
