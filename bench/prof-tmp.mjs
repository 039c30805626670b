import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import inspector from 'node:inspector/promises';
import { writeFileSync, readFileSync } from 'node:fs';
import { createOrchestrator, isEmptyPlan } from '../packages/core/dist/index.js';
import { createProxmoxClient } from '../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './support/fleet-config.mjs';
import { interleave, median } from './support/run.mjs';
const machines = 1000;
const child = fork(fileURLToPath(new URL('support/fleet-lab.mjs', import.meta.url)), [String(machines)], {execArgv: []});
const [{ url, token, fingerprint }] = await once(child, 'message');
const client = createProxmoxClient({ url, token, fingerprint });
const orchestrator = createOrchestrator({ client, config: fleetConfig(machines) });
const pool = new Pool(url, { connect: { rejectUnauthorized: false }, keepAliveTimeout: 4000, connections: 16 });
const headers = { authorization: `PVEAPIToken=${token}` };
const get = async (path) => { const { body } = await pool.request({ method: 'GET', path: `/api2/json${path}`, headers }); return (await body.json()).data; };
const paths = Array.from({ length: machines }, (_, index) => `/nodes/pve/qemu/${8001 + index}/pending`);
const bare = async () => {
  await Promise.all([get('/version'), get('/cluster/resources')]);
  await get('/nodes/pve/qemu');
  let next = 0;
  const worker = async () => { while (next < paths.length) await get(paths[next++]); };
  await Promise.all(Array.from({ length: 16 }, worker));
};
const cpu = {};
const tcpu = () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
const timed = (name, fn) => async () => { const a = tcpu(); await fn(); (cpu[name] ??= []).push(tcpu() - a); };
const clientOnly = async () => {
  await Promise.all([client.request('GET /version', {}), client.request('GET /cluster/resources', {})]);
  await client.request('GET /nodes/{node}/qemu', { node: 'pve' });
  let next = 0;
  const worker = async () => { while (next < paths.length) await client.request('GET /nodes/{node}/qemu/{vmid}/pending', { node: 'pve', vmid: 8001 + next++ }); };
  await Promise.all(Array.from({ length: 16 }, worker));
};
const observe = () => orchestrator.observe('all');
const plan = async () => { if (!isEmptyPlan(await orchestrator.plan('all'))) throw new Error('not empty'); };
for (let i = 0; i < 1; i++) { await bare(); await plan(); }
for (const k in cpu) delete cpu[k];
const rounds = Number(process.argv[2] ?? 9); if (process.argv[3]) { const s = new inspector.Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval', { interval: 250 }); await s.post('Profiler.start'); for (let i = 0; i < 6; i++) await plan(); const { profile } = await s.post('Profiler.stop'); writeFileSync('/tmp/fl/plan.cpuprofile', JSON.stringify(profile)); process.exit(); }
const times = await interleave({ bare: timed('bare', bare), client: timed('client', clientOnly), observe: timed('observe', observe), plan: timed('plan', plan) }, rounds);
for (const k of Object.keys(times)) console.log(k, median(times[k]).toFixed(0), 'cpu', median(cpu[k]).toFixed(0), 'ratio', median(times[k].map((v, i) => v / times.bare[i])).toFixed(3));
if (process.argv[3]) {
  const s = new inspector.Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval', { interval: 250 }); await s.post('Profiler.start');
  for (let i = 0; i < 6; i++) await plan();
  const { profile } = await s.post('Profiler.stop');
  writeFileSync('/tmp/fl/plan.cpuprofile', JSON.stringify(profile));
}
child.disconnect(); process.exit();
