// Phoenix' time from `orchestrate` to done for one machine on a real guest, over that of a hand-written sequence of the same requests with tight polling
// and no thought for anything. Both contestants of a round boot at the same time, each its own guest, so that what else the machine does hurts both
// alike; who starts first changes. The ratio is the median of the rounds' ratios. The image is on the storage already.
// Usage: node bench/boot.mjs [--rounds 5]   (the packages must be built; needs QEMU and the guest images)
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { renderSeed, writeNoCloudIso } from '../packages/cloudinit/dist/index.js';
import { createOrchestrator, loadConfig } from '../packages/core/dist/index.js';
import { buildGuestImages, startLab } from '../packages/lab/dist/index.js';
import { createProxmoxClient } from '../packages/proxmox-client/dist/index.js';
import { median, report } from './support/run.mjs';

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 5;
const IMAGE = 'debian-lab.qcow2';
const STORAGE = 'quickOS-vm-disks';
/** Stages that both contestants go through, as they are printed. */
const STAGES = ['created', 'seeded', 'started', 'agent', 'done'];
/** Which step of Phoenix ends which stage. */
const STAGE_OF_STEP = { create: 'created', seed: 'seeded', start: 'started', 'wait-agent': 'agent' };
const folder = await mkdtemp(join(tmpdir(), 'phoenix-boot-'));
await buildGuestImages({ log: console.error });
const lab = await startLab({ guests: 'qemu' });
const pool = new Pool(lab.url, { connections: 2, connect: { rejectUnauthorized: false } });

try {
  // A first run brings the image and goes no further; it is not measured.
  await bringImage(9000);
  const [{ volid: image }] = await call('GET', '/nodes/pve/storage/local/content?content=import');
  const contestants = {
    phoenix: (vmid, reached) => viaPhoenix(vmid, reached),
    hand: (vmid, reached) => byHand(vmid, image, reached),
  };
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const names = round % 2 === 0 ? ['phoenix', 'hand'] : ['hand', 'phoenix'];
    const took = Object.fromEntries(
      await Promise.all(
        names.map(async (name, place) => [name, await stagesOf(contestants[name], 9001 + 2 * round + place)]),
      ),
    );
    ratios.push(took.phoenix.done / took.hand.done);
    for (const name of names) {
      const stages = STAGES.map((stage) => `${stage} ${(took[name][stage] / 1000).toFixed(2)} s`);
      console.log(`round ${round + 1}: ${name.padEnd(8)} ${stages.join(', ')}`);
    }
    console.log(`round ${round + 1}: ratio    ${ratios.at(-1).toFixed(3)}`);
    for (const place of [0, 1]) await remove(9001 + 2 * round + place);
  }
  report('boot', { orchestrate: median(ratios) }, { rounds });
} finally {
  await pool.close();
  await lab.close();
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds from the start of a contestant to each stage that it reached. */
async function stagesOf(contestant, vmid) {
  const times = {};
  const start = performance.now();
  const reached = (stage) => {
    times[stage] = performance.now() - start;
  };
  await contestant(vmid, reached);
  reached('done');
  return times;
}

async function bringImage(vmid) {
  const enough = new AbortController();
  await viaPhoenix(vmid, () => {}, {
    signal: enough.signal,
    watch: (event) => {
      if (event.type === 'action-finished' && event.step === 'image') enough.abort();
    },
  }).catch((error) => {
    if (!enough.signal.aborted) throw error;
  });
  const guests = await call('GET', '/nodes/pve/qemu');
  if (guests.some((guest) => guest.vmid === vmid)) await remove(vmid);
}

async function viaPhoenix(vmid, reached, { signal, watch = () => {} } = {}) {
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  const file = join(folder, `phoenix-${vmid}.json`);
  await writeFile(
    file,
    JSON.stringify({
      vms: [
        {
          vmid,
          name: 'boot',
          template_image: IMAGE,
          cores: 2,
          memory_mb: 512,
          storage_pool: STORAGE,
          network_bridge: 'vmbr0',
          network_config: { ip: 'dhcp', mac: mac(vmid) },
          user_config: { username: 'phoenix' },
        },
      ],
    }),
  );
  try {
    const config = await loadConfig(file, { imageMirror: lab.imageMirror });
    const orchestrator = createOrchestrator({ client, config });
    const plan = await orchestrator.plan([vmid]);
    for await (const event of orchestrator.apply(plan, signal === undefined ? {} : { signal })) {
      watch(event);
      if (event.type === 'action-finished' && event.step in STAGE_OF_STEP) reached(STAGE_OF_STEP[event.step]);
      if (event.type === 'action-failed') throw new Error(`${event.step}: ${event.message}`);
    }
  } finally {
    await client.close();
  }
}

async function byHand(vmid, image, reached) {
  const qemu = '/nodes/pve/qemu';
  await finished(
    await call('POST', qemu, {
      vmid,
      name: 'boot',
      cores: 2,
      memory: 512,
      agent: 1,
      ostype: 'l26',
      scsihw: 'virtio-scsi-single',
      scsi0: `${STORAGE}:0,import-from=${image},discard=on`,
      boot: 'order=scsi0',
      serial0: 'socket',
      net0: `virtio=${mac(vmid)},bridge=vmbr0`,
    }),
  );
  reached('created');
  const seed = renderSeed({
    name: 'boot',
    user: { username: 'phoenix' },
    networks: [{ mac: mac(vmid), ipv4: { kind: 'dhcp' } }],
  });
  await finished(await upload(`seed-${vmid}.iso`, writeNoCloudIso(seed)));
  await call('PUT', `${qemu}/${vmid}/config`, { ide2: `local:iso/seed-${vmid}.iso,media=cdrom` });
  reached('seeded');
  await finished(await call('POST', `${qemu}/${vmid}/status/start`, {}));
  reached('started');
  while (!(await call('POST', `${qemu}/${vmid}/agent/ping`, {}).catch(() => undefined)));
  reached('agent');
  const command = ['/bin/sh', '-c', 'test -e /run/cloud-init/result.json && cloud-init status'];
  for (;;) {
    const { pid } = await call('POST', `${qemu}/${vmid}/agent/exec`, { command });
    let status = { exited: 0 };
    while (status.exited === 0) {
      await delay(50);
      status = await call('GET', `${qemu}/${vmid}/agent/exec-status?pid=${pid}`);
    }
    if (status.exitcode === 0) return;
    await delay(100);
  }
}
/** Away with a machine and its seeds, outside of the time that is measured. */
async function remove(vmid) {
  await finished(await call('POST', `/nodes/pve/qemu/${vmid}/status/stop`, {}));
  await finished(await call('DELETE', `/nodes/pve/qemu/${vmid}`));
  for (const { volid } of await call('GET', '/nodes/pve/storage/local/content?content=iso'))
    await finished(await call('DELETE', `/nodes/pve/storage/local/content/${encodeURIComponent(volid)}`));
}

async function call(method, path, params) {
  const { statusCode, body } = await pool.request({
    method,
    path: `/api2/json${path}`,
    headers: {
      authorization: `PVEAPIToken=${lab.token}`,
      ...(params === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(params === undefined ? {} : { body: JSON.stringify(params) }),
  });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode} ${answer.message ?? ''}`);
  return answer.data;
}

async function upload(filename, bytes) {
  const boundary = 'boundary-of-the-bench';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="content"\r\n\r\niso\r\n--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const answer = await pool.request({
    method: 'POST',
    path: '/api2/json/nodes/pve/storage/local/upload',
    headers: {
      authorization: `PVEAPIToken=${lab.token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body,
  });
  return (await answer.body.json()).data;
}

async function finished(upid) {
  for (;;) {
    const { status, exitstatus } = await call('GET', `/nodes/pve/tasks/${encodeURIComponent(upid)}/status`);
    if (status === 'stopped') {
      if (exitstatus !== 'OK') throw new Error(exitstatus);
      return;
    }
    await delay(20);
  }
}

function mac(vmid) {
  return `BC:24:11:00:${Math.floor(vmid / 256)
    .toString(16)
    .padStart(2, '0')}:${(vmid % 256).toString(16).padStart(2, '0')}`.toUpperCase();
}
