import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTerminal, type ProxmoxClient } from '@phoenix/proxmox-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTerminalShell } from '../src/kinds/container/shell/terminal-shell.js';
import { failures, finish, type LabSession, openLab } from './lab-session.js';

let session: LabSession;
let directory: string;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const sh = (script: string) => ['/bin/sh', '-c', script];

async function makeContainer(lab: LabSession) {
  const template = join(directory, 'debian-12-standard_12.7-1_amd64.tar.zst');
  await writeFile(template, Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(4096)]));
  const orchestrator = lab.orchestrator({
    lxc_configs: { '950': { name: 'shell-ct', template, storage_pool: 'quickOS-vm-disks' } },
  });
  const run = await finish(orchestrator.apply(await orchestrator.plan('all')));
  expect(failures(run)).toEqual([]);
  return orchestrator;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'phoenix-shell-'));
  session = await openLab();
  await makeContainer(session);
});
afterAll(async () => {
  await session.close();
  await rm(directory, { recursive: true, force: true });
});

const openShell = () =>
  session
    .orchestrator({ lxc_configs: { '950': { name: 'shell-ct', template: 'x.tar.zst' } } })
    .openShell(950);

/** Somebody else at the same terminal, as a console in the web interface is. */
const attach = async () => {
  const terminal = await openTerminal(session.client, { kind: 'lxc', node: 'pve', vmid: 950 });
  void (async () => {
    for await (const _ of terminal.output);
  })().catch(() => {});
  return terminal;
};

describe('the terminal of a container', () => {
  it('carries every byte in both directions, with the exit code', async () => {
    const shell = await openShell();
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      randomBytes(60_000),
    ]);
    const result = await shell.run({ argv: sh('cat; echo complaint >&2; exit 194'), stdin: bytes });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    expect(text(result.stderr)).toBe('complaint\n');
    expect(result.exitCode).toBe(194);
  });

  it('takes arguments as they are', async () => {
    const shell = await openShell();
    const argv = ['printf', '%s|', 'a b', "it's", '$HOME', '`id`', 'x=1', '', 'two\nlines', 'grüße', '*'];
    const result = await shell.run({ argv });
    expect(text(result.stdout)).toBe(`${argv.slice(2).join('|')}|`);
  });

  it('keeps files whole, in both directions and of either size', async () => {
    const shell = await openShell();
    for (const size of [0, 1, 150_000]) {
      const content = new Uint8Array(randomBytes(size));
      await shell.writeFile('/root/a file', content, { mode: 0o640 });
      expect(Buffer.from(await shell.readFile('/root/a file')).equals(content)).toBe(true);
    }
    expect(text((await shell.run({ argv: ['stat', '-c', '%a', '/root/a file'] })).stdout)).toBe('640\n');
    await expect(shell.readFile('/root/a file', { maxBytes: 1000 })).rejects.toThrow(
      'has 150000 bytes, more than the 1000',
    );
    await expect(shell.readFile('/root/none')).rejects.toMatchObject({ code: 'PHOENIX_GUEST_FILE' });
    await expect(shell.writeFile('/none/x', new Uint8Array(1))).rejects.toMatchObject({
      code: 'PHOENIX_GUEST_FILE',
    });
  });

  it('gives a result that is right, from one run, while somebody else is attached', async () => {
    const shell = await openShell();
    const other = await attach();
    const bytes = randomBytes(30_000);
    const result = await shell.run({ argv: sh('echo run >>/root/runs; cat'), stdin: bytes });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    other.close();
    expect(text((await shell.run({ argv: ['cat', '/root/runs'] })).stdout)).toBe('run\n');
  });

  it('is taken back from an unfinished line and from a program of somebody else', async () => {
    const shell = await openShell();
    const other = await attach();
    await other.write('cat >/dev/null <<NEVER\nan unfinished document\n');
    other.close();
    expect(text((await shell.run({ argv: ['hostname'] })).stdout)).toBe('shell-ct\n');
    const second = await attach();
    await second.write('sleep 3000\n');
    expect(text((await shell.run({ argv: ['hostname'] })).stdout)).toBe('shell-ct\n');
    second.close();
  });

  it('waits for nobody at the container of that number on another cluster', async () => {
    const leave = new AbortController();
    const silent: ProxmoxClient = {
      ...session.client,
      endpoints: ['https://another-cluster:8006'],
      exchange: () => new Promise<never>(() => {}),
    };
    const way = { client: silent, signal: leave.signal };
    void createTerminalShell(way, { node: 'pve', vmid: 950 })
      .run({ argv: ['true'] })
      .catch(() => {});
    const shell = await openShell();
    expect(text((await shell.run({ argv: ['hostname'] })).stdout)).toBe('shell-ct\n');
    leave.abort();
  });

  it('does not end a command with the connection: it is found again, and runs once', async () => {
    const shell = await openShell();
    const running = shell.run({
      argv: sh(
        'echo begun >>/root/long; until [ -f /root/go ]; do sleep 1; done; echo ended >>/root/long; cat /root/long',
      ),
      timeoutMs: 60_000,
    });
    const second = await openShell();
    const seen = async () => text((await second.run({ argv: sh('cat /root/long 2>/dev/null || :') })).stdout);
    while ((await seen()) === '');
    // The next terminals do not open.
    session.lab.faults.add({ on: 'POST /nodes/*/lxc/*/termproxy', times: 2, effect: { status: 596 } });
    const touch = () =>
      second.run({ argv: sh('touch /root/go') }).then(
        () => true,
        () => false,
      );
    while (!(await touch()));
    expect(text((await running).stdout)).toBe('begun\nended\n');
  });

  it('leaves a command alone that takes longer than it is waited for, and keeps nothing of it', async () => {
    const shell = await openShell();
    const slow = shell.run({
      argv: sh('until [ -f /root/late ]; do sleep 1; done; echo done >/root/done'),
      timeoutMs: 1,
    });
    await expect(slow).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
    const end = sh(
      'touch /root/late; until [ -f /root/done ] && [ "$(ls -d /tmp/.phoenix-* | wc -l)" -le 1 ]; do sleep 1; done; ls -d /tmp/.phoenix-*',
    );
    const result = await shell.run({ argv: end });
    // The one that lists is there itself.
    expect(text(result.stdout).split('\n').filter(Boolean)).toHaveLength(1);
  });

  it('serves commands of one process one after the other', async () => {
    const shell = await openShell();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) => shell.run({ argv: ['echo', `number ${index}`] })),
    );
    expect(results.map(({ stdout }) => text(stdout))).toEqual(
      Array.from({ length: 6 }, (_, index) => `number ${index}\n`),
    );
  });

  it('of a Proxmox VE that lets no tokens in is told in a sentence, with what to do', async () => {
    const old = await openLab({ release: '8.4', nodes: { pve: { lacks: ['token-terminals'] } } });
    try {
      const orchestrator = await makeContainer(old);
      const shell = await orchestrator.openShell(950);
      const error: unknown = await shell.run({ argv: ['true'] }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'PHOENIX_TERMINAL_RELEASE' });
      expect(error).toMatchObject({
        message: expect.stringContaining('too old to let an API token into the terminal'),
        hint: expect.stringContaining('container_shell'),
      });
    } finally {
      await old.close();
    }
  });
});
