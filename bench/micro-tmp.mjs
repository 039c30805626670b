import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import inspector from 'node:inspector/promises';
import { writeFileSync, existsSync, readFileSync } from 'node:fs';
import * as core from '../packages/core/dist/index.js';
import { createProxmoxClient } from '../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './support/fleet-config.mjs';
import { median } from './support/run.mjs';
// records every answer once, then replays from memory
const machines = 1000;
const file = '/tmp/fl/answers.json';
const config = fleetConfig(machines);
if (!existsSync(file)) {
  const child = fork(fileURLToPath(new URL('support/fleet-lab.mjs', import.meta.url)), [String(machines)]);
  const [{ url, token, fingerprint }] = await once(child, 'message');
  const client = createProxmoxClient({ url, token, fingerprint });
  const answers = {};
  const rec = { ...client, request: async (route, p, o) => { const a = await client.request(route, p, o); answers[route + JSON.stringify(p ?? {})] = JSON.stringify(a); return a; } };
  const plan = await core.createOrchestrator({ client: rec, config }).plan('all');
  if (!core.isEmptyPlan(plan)) throw new Error('not empty');
  writeFileSync(file, JSON.stringify(answers));
  await client.close(); child.disconnect();
}
const answers = JSON.parse(readFileSync(file));
const replay = { endpoints: [], request: async (route, p) => { const a = answers[route + JSON.stringify(p ?? {})]; if (a === undefined) throw new Error(route); return JSON.parse(a); } };
const orch = core.createOrchestrator({ client: replay, config });
const parseOnly = async () => { let n = 0; for (const a of Object.values(answers)) n += JSON.stringify(JSON.parse(a)) ? 1 : 0; };
const tcpu = () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
const t = async (f, n = 8) => { const r = []; for (let i = 0; i < n; i++) { const s = tcpu(); await f(); r.push(tcpu() - s); } return `main-thread cpu: first ${r[0].toFixed(1)} median of 7 ${median(r.slice(1)).toFixed(1)} last ${r.at(-1).toFixed(1)}`; };
const fetchAll = async () => { for (const k of Object.keys(answers)) { JSON.parse(answers[k]); } };
if (process.argv[2]) {
  await orch.plan('all');
  const s = new inspector.Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval', { interval: 250 }); await s.post('Profiler.start');
  for (let i = 0; i < 7; i++) await orch.plan('all');
  const { profile } = await s.post('Profiler.stop');
  writeFileSync('/tmp/fl/micro'+process.argv[2]+'.cpuprofile', JSON.stringify(profile));
} else {
console.log('json', await t(fetchAll));
console.log('plan', await t(() => orch.plan('all')));
console.log('observe', await t(() => orch.observe('all')));
}
process.exit();
