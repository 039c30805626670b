// Seconds of processor time that the compiler takes for a file with 50 calls of @phoenix/proxmox-client against its published types, and for the same
// project with none: what the types of the whole API cost somebody who uses them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadSchemaFacts } from '../packages/proxmox-client/dist/index.js';
import { median, report } from './support/run.mjs';

const ROUNDS = Number(process.argv[2] ?? 3);
const folder = fileURLToPath(new URL('../packages/proxmox-client/.cache/types/', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const { routes } = await loadSchemaFacts();

const calls = Object.entries(routes)
  .filter(([key]) => key.startsWith('GET /nodes/{node}/') || key.includes('/{vmid}/'))
  .filter(
    ([key, { parameters }]) =>
      parameters && [...key.matchAll(/\{(\w+)\}/g)].every(([, name]) => ['node', 'vmid'].includes(name)),
  )
  .slice(0, 50)
  .map(([key]) => {
    const values = { node: "'pve'", vmid: '100' };
    const given = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name}: ${values[name]}`);
    return `export const call${given.length}_${key.replace(/\W+/g, '_')} = (parameters: RouteParameters<'${key}'>) => client.request('${key}', { ...parameters, ${given.join(', ')} });`;
  });
const head =
  "import { createProxmoxClient, type RouteParameters } from '@phoenix/proxmox-client';\nconst client = createProxmoxClient({ url: 'https://pve:8006' });\n";
const options = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--target',
  'es2022',
  '--module',
  'nodenext',
  '--types',
  'node',
];

mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}calls.mts`, `${head}${calls.join('\n')}\n`);
writeFileSync(`${folder}empty.mts`, 'export {};\n');
const meter =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(String(process.cpuUsage().user)))';
const seconds = (file) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', meter, tsc, ...options, `${folder}${file}`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`tsc refused ${file}:\n${stdout.slice(0, 2_000)}`);
  return Number(stderr.match(/\d+$/)?.[0]) / 1_000_000;
};
const times = { calls: [], empty: [] };
for (let round = 0; round < ROUNDS; round++)
  for (const name of Object.keys(times)) times[name].push(seconds(`${name}.mts`));
rmSync(folder, { recursive: true });
const secondsOf = { calls_50: median(times.calls), empty: median(times.empty) };
console.log(
  `tsc: ${secondsOf.calls_50.toFixed(2)} s with 50 calls, ${secondsOf.empty.toFixed(2)} s with none`,
);
report('types', { calls_50: secondsOf.calls_50 / secondsOf.empty }, { seconds: secondsOf, rounds: ROUNDS });
