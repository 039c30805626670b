// Two questions about fleets.
// noop_1000: a plan of 1,000 finished machines over bare undici issuing the same GETs at the same concurrency, against one lab in
// another process, interleaved; and the peak memory of a process that makes one such plan. The same orchestrator plans again and again;
// first_noop_1000 has a new one, with a configuration that was read anew, in each round.
// clones_100: 100 clones of one template on a lab in real time, over the shortest time that the durations of its tasks and boots allow
// when eight clones of one template run at once. The durations are those of one clone made step by step, asked for every 20 ms.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { createOrchestrator, isEmptyPlan } from '../packages/core/dist/index.js';
import { startLab } from '../packages/lab/dist/index.js';
import { createProxmoxClient } from '../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './support/fleet-config.mjs';
import { askProgram, interleave, median, report } from './support/run.mjs';

const [machines = 1000, clones = 100, rounds = 61] = process.argv.slice(2).map(Number);
const CONCURRENCY = 16;
const CLONES_AT_ONCE = 8;
const WARM_UP_ROUNDS = 4;
const FIRST_PLANS = 15;

async function measureNoop() {
  const child = fork(fileURLToPath(new URL('support/fleet-lab.mjs', import.meta.url)), [String(machines)]);
  const [{ url, token, fingerprint }] = await once(child, 'message');
  const client = createProxmoxClient({ url, token, fingerprint });
  const orchestrator = createOrchestrator({ client, config: fleetConfig(machines) });
  const pool = new Pool(url, {
    connect: { rejectUnauthorized: false },
    keepAliveTimeout: 4_000,
    connections: CONCURRENCY,
  });
  const headers = { authorization: `PVEAPIToken=${token}` };
  const get = async (path) => {
    const { body } = await pool.request({ method: 'GET', path: `/api2/json${path}`, headers });
    return (await body.json()).data;
  };
  const paths = Array.from({ length: machines }, (_, index) => `/nodes/pve/qemu/${8001 + index}/pending`);
  const bare = async () => {
    await Promise.all([get('/version'), get('/cluster/resources')]);
    await get('/nodes/pve/qemu');
    let next = 0;
    const worker = async () => {
      while (next < paths.length) await get(paths[next++]);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  };
  const planBy = async (planner) => {
    if (!isEmptyPlan(await planner.plan('all'))) throw new Error('the plan is not empty');
  };
  const plan = () => planBy(orchestrator);
  // Until the code of both is as fast as it gets.
  await interleave({ plan, bare }, WARM_UP_ROUNDS);
  const times = await interleave({ plan, bare }, rounds);
  const unused = Array.from({ length: FIRST_PLANS }, () =>
    createOrchestrator({ client, config: fleetConfig(machines) }),
  );
  const firstTimes = await interleave({ plan: () => planBy(unused.pop()), bare }, FIRST_PLANS);
  const { empty, peakRssMb } = await askProgram('fleet-plan.mjs', [
    url,
    token,
    fingerprint,
    String(machines),
  ]);
  if (!empty) throw new Error('the plan is not empty');
  await client.close();
  await pool.destroy();
  child.disconnect();
  console.log(
    `plan of ${machines} finished machines: ${Math.round(median(times.plan))} ms, bare undici ${Math.round(median(times.bare))} ms, peak ${peakRssMb} MB`,
  );
  return { ratio: medianRatio(times), firstRatio: medianRatio(firstTimes), peakRssMb };
}

function medianRatio({ plan, bare }) {
  return median(plan.map((ms, round) => ms / bare[round]));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds of one clone, and of everything after it until cloud-init is done, asked for as often as it takes to know. */
async function measureOneClone(lab, client) {
  const node = 'pve';
  const vmid = 9000;
  const finish = async (upid) => {
    while (
      (await client.request('GET /nodes/{node}/tasks/{upid}/status', { node, upid })).status !== 'stopped'
    )
      await pause(20);
  };
  const begun = performance.now();
  await finish(
    await client.request('POST /nodes/{node}/qemu/{vmid}/clone', {
      node,
      vmid: 8000,
      newid: vmid,
      full: true,
      name: 'floor',
    }),
  );
  const cloned = performance.now();
  await finish(await client.request('POST /nodes/{node}/qemu/{vmid}/status/start', { node, vmid }));
  for (;;) {
    try {
      await client.request('POST /nodes/{node}/qemu/{vmid}/agent/ping', { node, vmid });
      break;
    } catch {
      await pause(20);
    }
  }
  for (;;) {
    const { pid } = await client.request('POST /nodes/{node}/qemu/{vmid}/agent/exec', {
      node,
      vmid,
      command: ['cloud-init', 'status'],
    });
    let status = { exited: false };
    while (!status.exited) {
      status = await client.request('GET /nodes/{node}/qemu/{vmid}/agent/exec-status', { node, vmid, pid });
      if (!status.exited) await pause(20);
    }
    if (!/running|not/.test(status['out-data'] ?? '')) break;
    await pause(20);
  }
  void lab;
  return { cloneMs: cloned - begun, restMs: performance.now() - cloned };
}

async function run(orchestrator, targets) {
  let summary;
  for await (const event of orchestrator.apply(await orchestrator.plan(targets)))
    if (event.type === 'run-finished') summary = event.summary;
  if (summary.outcome !== 'ok')
    throw new Error(
      `the run failed: ${JSON.stringify(summary.guests.find((guest) => guest.outcome === 'failed'))}`,
    );
  return summary.durationMs;
}

async function measureClones() {
  const lab = await startLab({ clock: 'real' });
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  const orchestrator = createOrchestrator({ client, config: fleetConfig(clones, lab.imageMirror, true) });
  await run(orchestrator, [8000]);
  const { cloneMs, restMs } = await measureOneClone(lab, client);
  const wallMs = await run(
    orchestrator,
    Array.from({ length: clones }, (_, index) => 8001 + index),
  );
  await client.close();
  await lab.close();
  const floorMs = Math.ceil(clones / CLONES_AT_ONCE) * cloneMs + restMs;
  console.log(
    `${clones} clones: ${Math.round(wallMs)} ms, critical path ${Math.round(floorMs)} ms (one clone ${Math.round(cloneMs)} ms, the rest of it ${Math.round(restMs)} ms)`,
  );
  return wallMs / floorMs;
}

const noop = await measureNoop();
const clonesRatio = await measureClones();
report(
  'fleet',
  {
    [`noop_${machines}`]: noop.ratio,
    [`first_noop_${machines}`]: noop.firstRatio,
    [`clones_${clones}`]: clonesRatio,
  },
  { rounds, peakRssMb: noop.peakRssMb },
);
process.exit();
