// How quickly a lab starts, and how many requests per second it answers, over those of a bare node:https server in the same process arrangement.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { interleave, median, report, startServer } from './support/run.mjs';

const ROUNDS = 9;
const REQUESTS = 1500;
const CONNECTIONS = 8;

/** The milliseconds that `startLab` takes in a fresh process, import of the package included. */
async function startOnce() {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('support/start-lab.mjs', import.meta.url)), 'time'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  await once(child, 'exit');
  return JSON.parse(line);
}

const starts = [];
for (let round = 0; round < ROUNDS; round++) starts.push(await startOnce());
const startMs = median(starts.map((start) => start.startMs));
const importMs = median(starts.map((start) => start.importMs));
console.log(`start       ${startMs.toFixed(0)} ms (import of the package: ${importMs.toFixed(0)} ms more)`);

const floor = await startServer('./server.mjs');
const lab = spawn(
  process.execPath,
  [fileURLToPath(new URL('support/start-lab.mjs', import.meta.url)), 'serve'],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
const [served] = await once(createInterface({ input: lab.stdout }), 'line');
const { url, token } = JSON.parse(served);

const paths = ['/version', '/cluster/resources?type=vm', '/nodes/pve/qemu/100/config'];
const agents = {
  floor: new Agent({ connections: CONNECTIONS, connect: { rejectUnauthorized: false } }),
  lab: new Agent({ connections: CONNECTIONS, connect: { rejectUnauthorized: false } }),
};
async function burst(base, dispatcher) {
  let sent = 0;
  const worker = async () => {
    while (sent < REQUESTS) {
      const path = paths[sent++ % paths.length];
      const response = await request(`${base}/api2/json${path}`, {
        dispatcher,
        headers: { authorization: `PVEAPIToken=${token}` },
      });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}
const contestants = {
  floor: () => burst(floor.url, agents.floor),
  lab: () => burst(url, agents.lab),
};
for (const warm of Object.values(contestants)) await warm();
const times = await interleave(contestants, ROUNDS);
const rate = (name) => (REQUESTS * 1000) / median(times[name]);
console.log(`bare https  ${rate('floor').toFixed(0)} requests/s`);
console.log(`lab         ${rate('lab').toFixed(0)} requests/s`);
await agents.floor.close();
await agents.lab.close();
floor.stop();
lab.stdin.end();
report('lab', { requests: rate('lab') / rate('floor') }, { rounds: ROUNDS, startMs: Math.round(startMs) });
