import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGuest, createProxmoxClient, startGuest, waitForTask } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunResult, runPhoenix } from '../run-phoenix.js';

/** A guest without a disk: its process is what counts here. */
const guest = { node: 'pve', vmid: 100 };

describe('real guests and the life of their lab', () => {
  let directory: string;
  let qemuPid: number;
  const lab = (...args: readonly string[]): Promise<RunResult> =>
    runPhoenix(['lab', ...args, '--state', join(directory, 'lab')], { cwd: directory });
  const start = async () => {
    const { status, json } = await lab('start', '--guests', 'qemu', '--detach', '--json');
    expect(status).toBe(0);
    const record = Object.fromEntries(
      Object.entries(json()[0] ?? {}).map(([key, value]) => [key, String(value)]),
    );
    return {
      pid: Number(record.pid),
      client: createProxmoxClient({
        url: record.url ?? '',
        token: record.token ?? '',
        fingerprint: record.fingerprint ?? '',
      }),
    };
  };
  const killLab = async (running: Awaited<ReturnType<typeof start>>) => {
    await running.client.close();
    process.kill(running.pid, 'SIGKILL');
    while (isAlive(running.pid)) await new Promise((resolve) => setImmediate(resolve));
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'phoenix-life-'));
  });
  afterAll(async () => {
    await lab('stop');
    rmSync(directory, { recursive: true, force: true });
  });

  it('they go on when it is killed, and its next life finds them', async () => {
    const first = await start();
    const { client } = first;
    await waitForTask(client, await createGuest(client, { kind: 'qemu', ...guest, set: { memory: 64 } }));
    await waitForTask(client, await startGuest(client, { kind: 'qemu', ...guest }));
    const before = await client.request('GET /nodes/{node}/qemu/{vmid}/status/current', guest);
    qemuPid = Number(before.pid);
    expect(before.status).toBe('running');
    await killLab(first);
    expect(isAlive(qemuPid)).toBe(true);
    const second = await start();
    const after = await second.client.request('GET /nodes/{node}/qemu/{vmid}/status/current', guest);
    expect(after).toMatchObject({ status: 'running', pid: qemuPid });
    await killLab(second);
  });

  it('`phoenix lab stop` ends them also when the lab itself is dead, and leaves nothing behind', async () => {
    const files = dirname(dirname(pidFileOf(qemuPid)));
    expect(isAlive(qemuPid)).toBe(true);
    expect((await lab('stop')).stdout).toContain('The lab has stopped');
    expect(isAlive(qemuPid)).toBe(false);
    expect(existsSync(files)).toBe(false);
    expect((await lab('stop')).stdout).toContain('No lab runs');
  });

  it('are off when the lab comes back after that', async () => {
    const third = await start();
    const now = await third.client.request('GET /nodes/{node}/qemu/{vmid}/status/current', guest);
    expect(now.status).toBe('stopped');
    await third.client.close();
    expect((await lab('reset')).status).toBe(0);
  });
});

/** Where QEMU was told to write its pid, by its command line. */
function pidFileOf(pid: number): string {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return args[args.indexOf('-pidfile') + 1] ?? '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === false;
  } catch {
    return false;
  }
}
