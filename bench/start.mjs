// How long `phoenix --version` takes over starting Node for nothing: `node -e 0`. Interleaved, medians.
// Usage: node bench/start.mjs [--rounds 30]   (the packages must be built)
import { spawnSync } from 'node:child_process';
import { phoenixBin } from '../tooling/phoenix.mjs';

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 30;
const commands = {
  floor: ['-e', '0'],
  version: [phoenixBin, '--version'],
  help: [phoenixBin, '--help'],
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));

for (let round = -2; round < rounds; round += 1)
  for (const [name, args] of Object.entries(commands)) {
    const startedAt = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}`);
    if (round >= 0) times[name].push(performance.now() - startedAt);
  }

const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
for (const [name, value] of Object.entries(medians)) console.log(`${name.padEnd(8)} ${value.toFixed(1)} ms`);
const ratio = (name) => Number((medians[name] / medians.floor).toFixed(3));
console.log(
  JSON.stringify({
    bench: 'start',
    ratios: { version: ratio('version'), help: ratio('help') },
    rounds,
    node: process.version,
  }),
);

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
