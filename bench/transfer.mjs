// Uploads a file of 2 GiB (or the given number of MiB) in a process of its own and prints the peak of its memory; then the speed of
// uploads of 128 MiB over that of bare undici sending and hashing the same bytes to the same TLS server, interleaved.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Pool } from 'undici';
import {
  createProxmoxClient,
  fetchFingerprint,
  uploadVolume,
} from '../packages/proxmox-client/dist/index.js';
import { askProgram, interleave, median, report, startServer } from './support/run.mjs';

const MEBI = 1_048_576;
const ROUNDS = 7;
const mebibytes = Number(process.argv[2] ?? 2048);
const small = 128 * MEBI;

const folder = await mkdtemp(join(tmpdir(), 'transfer-'));
const fileOf = async (name, bytes) => {
  const path = join(folder, name);
  const sparse = await open(path, 'w');
  await sparse.truncate(bytes);
  await sparse.close();
  return path;
};
const largeFile = await fileOf('large.raw', mebibytes * MEBI);
const smallFile = await fileOf('small.raw', small);

const server = await startServer('server.mjs');
const { sent, peakRssMb } = await askProgram('upload.mjs', [String(server.port), largeFile]);
if (sent !== mebibytes * MEBI)
  throw new Error(`expected progress up to ${mebibytes * MEBI} bytes, got ${sent}`);

const { fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port: server.port });
const client = createProxmoxClient({ url: server.url, token: 'root@pam!bench=aaaa', fingerprint });
const pool = new Pool(server.url, { connect: { rejectUnauthorized: false } });
const ours = () =>
  uploadVolume(client, {
    node: 'pve',
    storage: 'local',
    content: 'import',
    filename: 'image.raw',
    source: smallFile,
  });
const bare = async () => {
  const hash = createHash('sha256');
  async function* body() {
    for await (const chunk of createReadStream(smallFile)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const answer = await pool.request({
    method: 'POST',
    path: '/api2/json/nodes/pve/storage/local/upload',
    headers: { 'content-length': String(small) },
    body: Readable.from(body(), { objectMode: false }),
  });
  await answer.body.json();
};

const times = await interleave({ ours, bare }, ROUNDS);
const speed = (ms) => Math.round(small / MEBI / (ms / 1000));
console.log(`${mebibytes} MiB: peak memory ${peakRssMb} MB`);
console.log(
  `${small / MEBI} MiB: ${speed(median(times.ours))} MiB/s, bare undici ${speed(median(times.bare))} MiB/s`,
);
const upload = median(times.bare.map((bareMs, round) => bareMs / times.ours[round]));
report('transfer', { upload }, { peakRssMb, mebibytes, rounds: ROUNDS });
await rm(folder, { recursive: true });
await client.close();
await pool.destroy();
server.stop();
process.exit();
