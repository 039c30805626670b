import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLab } from '../src/index.js';
import { printGuestConfig } from '../src/state/guest-config.js';

/** How many times the process is killed; `LAB_KILL_RUNS=200` for the long run. */
const RUNS = Number(process.env.LAB_KILL_RUNS ?? 12);
const WRITER = fileURLToPath(new URL('support/writer.mjs', import.meta.url));

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lab-kill-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Lets a lab write, kills it after so many confirmed writes and a moment, and yields what it had confirmed. */
async function writeAndKill(writes: number, momentMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--no-warnings', WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'ready') told.push(line);
    if (told.length === writes) setTimeout(() => child.kill('SIGKILL'), momentMs);
  }
  await ended;
  return told;
}

test(`everything confirmed is there after kill -9, and nothing is half done (${RUNS} times)`, {
  timeout: RUNS * 5000,
}, async () => {
  const confirmed: string[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const latest = await writeAndKill(1 + Math.floor(Math.random() * 12), Math.random() * 40);
    confirmed.push(...latest);
    const lab = await startLab({ stateDir: directory, imageMirror: false });
    try {
      for (const line of confirmed) {
        const [kind, name = ''] = line.split(' ');
        if (kind === 'pool') expect(lab.state.pools, name).toHaveProperty([name]);
      }
      // The task list keeps the latest two thousand, as PVE forgets old ones: only those of this life are sure to be there.
      for (const line of latest) {
        const [kind, upid = ''] = line.split(' ');
        if (kind === 'task') expect(lab.state.tasks[upid]?.exitstatus, upid).toEqual(expect.any(String));
      }
      expect(Object.values(lab.state.tasks).filter((task) => task.exitstatus === undefined)).toEqual([]);
      for (const volume of Object.values(lab.state.volumes)) {
        const owner = lab.state.guests[String(volume.vmid)];
        expect(owner === undefined ? '' : printGuestConfig(owner.config), volume.volid).toContain(
          volume.volid,
        );
      }
      for (const guest of Object.values(lab.state.guests)) {
        expect(guest.config.main.lock, `lock of ${guest.vmid}`).toBeUndefined();
        for (const volid of printGuestConfig(guest.config).matchAll(/quickOS-vm-disks:[^,\s]+/g)) {
          expect(lab.inside.storages.volume('pve', volid[0]), volid[0]).toBeDefined();
        }
      }
    } finally {
      await lab.close();
    }
  }
  expect(confirmed.length).toBeGreaterThan(RUNS);
});

test('a state directory is used by one lab at a time', async () => {
  const other = await mkdtemp(join(tmpdir(), 'lab-lock-'));
  const lab = await startLab({ stateDir: other, imageMirror: false });
  await lab.close();
  const again = await startLab({ stateDir: other, imageMirror: false });
  expect(again.token).toBe(lab.token);
  expect(again.fingerprint).toBe(lab.fingerprint);
  await again.close();
  await rm(other, { recursive: true, force: true });
});
