// Uploads a file of 2 GiB (or the given number of MiB) and prints the peak of this process's memory, and the speed over that of
// bare undici sending the same bytes to the same TLS server, hashing them as well.
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
import { interleave, median, report, startServer } from './support/run.mjs';

const MEBI = 1_048_576;
const bytes = Number(process.argv[2] ?? 2048) * MEBI;
const ROUNDS = Number(process.argv[3] ?? 1);

const folder = await mkdtemp(join(tmpdir(), 'transfer-'));
const file = join(folder, 'image.raw');
const sparse = await open(file, 'w');
await sparse.truncate(bytes);
await sparse.close();

const server = await startServer('server.mjs');
const { fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port: server.port });
const client = createProxmoxClient({ url: server.url, token: 'root@pam!bench=aaaa', fingerprint });
const pool = new Pool(server.url, { connect: { rejectUnauthorized: false } });

let progress = 0;
const ours = () =>
  uploadVolume(client, {
    node: 'pve',
    storage: 'local',
    content: 'import',
    filename: 'image.raw',
    source: file,
    onProgress: ({ sentBytes }) => {
      progress = sentBytes;
    },
  });
const bare = async () => {
  const hash = createHash('sha256');
  async function* body() {
    for await (const chunk of createReadStream(file, { highWaterMark: 262_144 })) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const answer = await pool.request({
    method: 'POST',
    path: '/api2/json/nodes/pve/storage/local/upload',
    headers: { 'content-length': String(bytes) },
    body: Readable.from(body(), { objectMode: false }),
  });
  await answer.body.json();
};

// Ours goes first, so that the peak is its own.
const first = await interleave({ ours }, 1);
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
const more = await interleave({ bare, ours }, ROUNDS);
const times = { ours: [...first.ours, ...more.ours], bare: more.bare };
if (progress !== bytes) throw new Error(`expected progress up to ${bytes} bytes, got ${progress}`);
const speed = (ms) => Math.round(bytes / MEBI / (ms / 1000));
console.log(
  `${bytes / MEBI} MiB: ${speed(median(times.ours))} MiB/s, bare undici ${speed(median(times.bare))} MiB/s, peak memory ${peakRssMb} MB`,
);
report(
  'transfer',
  { upload: median(times.bare) / median(times.ours) },
  { peakRssMb, mebibytes: bytes / MEBI, rounds: ROUNDS },
);
await rm(folder, { recursive: true });
await client.close();
await pool.destroy();
server.stop();
process.exit();
