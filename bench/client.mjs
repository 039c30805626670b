// Requests per second of @phoenix/proxmox-client over those of bare undici issuing the same requests, and over those of the
// npm package proxmox-api; one TLS server in another process, contestants interleaved. A ratio above 1 means faster than the other.
import { Pool } from 'undici';
import { createProxmoxClient, fetchFingerprint } from '../packages/proxmox-client/dist/index.js';
import { interleave, median, report, startServer } from './support/run.mjs';

// proxmox-api knows no other way to accept a certificate; our client pins it.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const { default: proxmoxApi } = await import('proxmox-api');

const ROUNDS = Number(process.argv[2] ?? 40);
const CALLS = 150;
const CONCURRENCY = 32;
const token = 'root@pam!bench=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

const server = await startServer('server.mjs');
const { fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port: server.port });
const client = createProxmoxClient({ url: server.url, token, fingerprint });
// A pool, not an agent: undici's agent drops its connections' pool after the first `Connection: close`, which would flatter us.
// As many connections as our client keeps, since each costs a handshake.
const pool = new Pool(server.url, {
  connect: { rejectUnauthorized: false },
  connections: 16,
  keepAliveTimeout: 4_000,
});
const headers = { authorization: `PVEAPIToken=${token}` };
const [tokenID, tokenSecret] = token.split(/=(.*)/s);
const other = proxmoxApi({ host: '127.0.0.1', port: server.port, tokenID, tokenSecret });

const paths = ['/version', '/cluster/resources?type=vm', '/nodes/pve/qemu/100/config'];
const ours = [
  () => client.request('GET /version'),
  () => client.request('GET /cluster/resources', { type: 'vm' }),
  () => client.request('GET /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100 }),
];
const bare = paths.map((path) => async () => {
  const answer = await pool.request({ method: 'GET', path: `/api2/json${path}`, headers });
  return (await answer.body.json()).data;
});
const theirs = [
  () => other.version.$get(),
  () => other.cluster.resources.$get({ type: 'vm' }),
  () => other.nodes.$('pve').qemu.$(100).config.$get(),
];

const sequentially = (calls) => async () => {
  for (let index = 0; index < CALLS; index++) await calls[index % calls.length]();
};
const concurrently = (calls) => async () => {
  let next = 0;
  const worker = async () => {
    while (next < CALLS * 2) await calls[next++ % calls.length]();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

for (const calls of [ours, bare, theirs]) await sequentially(calls)();
const sequential = await interleave(
  { ours: sequentially(ours), bare: sequentially(bare), theirs: sequentially(theirs) },
  ROUNDS,
);
const concurrent = await interleave({ ours: concurrently(ours), bare: concurrently(bare) }, ROUNDS);
const ratio = (times, floor) => median(times[floor].map((floorMs, round) => floorMs / times.ours[round]));
const perSecond = (calls, times) => Math.round(calls / (median(times) / 1000));

console.log(
  `one after the other: ${perSecond(CALLS, sequential.ours)} calls/s, bare undici ${perSecond(CALLS, sequential.bare)}, proxmox-api ${perSecond(CALLS, sequential.theirs)}`,
);
console.log(
  `${CONCURRENCY} at once: ${perSecond(CALLS * 2, concurrent.ours)} calls/s, bare undici ${perSecond(CALLS * 2, concurrent.bare)}`,
);
report(
  'client',
  {
    sequential_get: ratio(sequential, 'bare'),
    [`concurrent_get_${CONCURRENCY}`]: ratio(concurrent, 'bare'),
    vs_proxmox_api: ratio(sequential, 'theirs'),
  },
  { rounds: ROUNDS },
);
await client.close();
await pool.destroy();
server.stop();
process.exit();
