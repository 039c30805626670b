import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadFeatures, resolveFeatures, runFeatures } from '@phoenix/features';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SshContainerShell } from '../src/config/model.js';
import { createPctShell } from '../src/kinds/container/shell/pct-shell.js';
import {
  createPctWorld,
  freePort,
  hasSshd,
  type PctWorld,
  type SshServer,
  startSshServer,
} from './pct-world.js';

const signal = new AbortController().signal;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const plain: SshContainerShell = { kind: 'ssh', connectTimeoutMs: 5000, nodes: {} };
const codeAndText = (error: unknown) =>
  error instanceof Error && 'code' in error && 'hint' in error
    ? `${String(error.code)}: ${error.message} ${String(error.hint)}`
    : String(error);

let world: PctWorld;
let place: string;

beforeEach(() => {
  world = createPctWorld();
  place = world.container(901, 'running');
  world.container(902, 'stopped');
  vi.stubEnv('PATH', world.path);
});
afterEach(() => {
  vi.unstubAllEnvs();
  world.remove();
});

/** An `ssh` that runs the line here and leaves its arguments in a file. */
const localSsh = (more = '') => `#!/bin/sh
printf '%s\\n' "$@" >${world.directory}/arguments
while [ "$1" != -- ]; do shift; done
${more}
exec sh -c "$3"
`;

describe('pct exec through the `ssh` of this machine', () => {
  it('is asked never to ask, always to check host keys, and gets every setting of the node', async () => {
    world.program('ssh', localSsh());
    const shell: SshContainerShell = {
      ...plain,
      user: 'ops',
      identityFile: '/keys/all',
      nodes: { pve2: { host: '10.0.0.2', port: 2222, identityFile: '/keys/two', knownHostsFile: '/a b' } },
    };
    const run = (node: string) => createPctShell(shell, { node, vmid: 901 }, signal).run({ argv: ['true'] });
    await run('pve1');
    const first = readFileSync(join(world.directory, 'arguments'), 'utf8').split('\n');
    expect(first).toEqual(
      expect.arrayContaining([
        '-T',
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        'ConnectTimeout=5',
        '/keys/all',
      ]),
    );
    expect(first).toContain('ops@pve1');
    await run('PVE2');
    const second = readFileSync(join(world.directory, 'arguments'), 'utf8').split('\n');
    expect(second).toEqual(
      expect.arrayContaining(['-p', '2222', '/keys/two', 'UserKnownHostsFile="/a b"', 'ops@10.0.0.2']),
    );
  });

  it('passes bytes, arguments and exit codes unchanged, whatever the login shell prints of itself', async () => {
    world.program('ssh', localSsh('echo "Welcome to the node"; echo "Last login: never" >&2'));
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, signal);
    const bytes = randomBytes(300_000);
    const words = ["it's", '$HOME', '`id`', '; touch x', 'a\nb', '', 'x=1', '*', '\\'];
    const result = await shell.run({
      argv: ['sh', '-c', 'cat; printf "%s|" "$@" >&2; exit 255', 'sh', ...words],
      stdin: bytes,
    });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    expect(text(result.stderr)).toBe(`${words.join('|')}|`);
    expect(result.exitCode).toBe(255);
  });

  it('gives commands the environment of a login of root, not that of the node', async () => {
    world.program('ssh', localSsh('export SECRET_OF_THE_NODE=1'));
    const { stdout } = await createPctShell(plain, { node: 'pve', vmid: 901 }, signal).run({ argv: ['env'] });
    expect(text(stdout)).toContain('HOME=/root\n');
    expect(text(stdout)).not.toContain('SECRET_OF_THE_NODE');
  });

  it('writes files whole or not at all, and reads them', async () => {
    world.program('ssh', localSsh());
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, signal);
    const content = new Uint8Array(randomBytes(100_000));
    const file = join(place, "it's a file");
    await shell.writeFile(file, content, { mode: 0o640 });
    expect(Buffer.from(await shell.readFile(file)).equals(content)).toBe(true);
    // A connection that ends in the middle of what it carries.
    const cut = join(world.directory, 'cut');
    world.program('ssh', localSsh(`head -c 500 >${cut}; exec <${cut}`));
    await expect(shell.writeFile(file, new Uint8Array(9000))).rejects.toMatchObject({
      code: 'GUEST_UNREACHABLE',
    });
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('runs features, with the same packs as anywhere', async () => {
    world.program('ssh', localSsh());
    const packs = join(world.directory, 'packs');
    mkdirSync(packs);
    writeFileSync(join(packs, 'feature_install_mark.sh'), `#!/bin/sh\necho run >>${place}/made\n`);
    const features = resolveFeatures(
      await loadFeatures({ packages: [], directories: [packs], from: packs }),
      [{ name: 'mark', options: {} }],
    );
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, signal);
    const outcomes: string[] = [];
    for (let run = 0; run < 2; run += 1)
      for await (const event of runFeatures({ shell, features, root: join(place, 'phoenix') }))
        if (event.kind === 'feature-done') outcomes.push(event.outcome);
    expect(outcomes).toEqual(['applied', 'unchanged']);
    expect(readFileSync(join(place, 'made'), 'utf8')).toBe('run\n');
  });

  it.each([
    ['there is no ssh', undefined, /^PHOENIX_SSH: .*no program `ssh`.*OpenSSH client/],
    [
      'the node refuses the key',
      'echo "root@pve: Permission denied (publickey)." >&2; exit 255',
      /^PHOENIX_SSH: Node pve .*refuses the login.*identity_file/,
    ],
    [
      'the host key is unknown',
      'echo "Host key verification failed." >&2; exit 255',
      /^PHOENIX_SSH: .*host key is not known.*known_hosts/,
    ],
    [
      'nothing listens',
      'echo "ssh: connect to host pve port 22: Connection refused" >&2; exit 255',
      /^PHOENIX_SSH: .*nothing answers on its SSH port/,
    ],
    [
      'the name is unknown',
      'echo "ssh: Could not resolve hostname pve: Name or service not known" >&2; exit 255',
      /^PHOENIX_SSH: .*name is not known.*`host`/,
    ],
    [
      'it is no Proxmox VE',
      'echo "sh: 1: pct: not found" >&2; exit 127',
      /^PHOENIX_SSH: .*there is no `pct` on it/,
    ],
    [
      'the connection is lost',
      'echo "Connection to pve closed by remote host." >&2; exit 255',
      /^GUEST_UNREACHABLE: .*did not begin.*closed by remote host/,
    ],
  ])('says what to do when %s', async (_, script, message) => {
    if (script !== undefined) world.program('ssh', `#!/bin/sh\n${script}\n`);
    else vi.stubEnv('PATH', world.bin);
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, signal);
    expect(codeAndText(await shell.run({ argv: ['true'] }).catch((error: unknown) => error))).toMatch(
      message,
    );
  });

  it('takes a result for one only when its end was seen', async () => {
    world.program('ssh', localSsh('( exec sh -c "$3" ) 2>/dev/null; exit 0'));
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, signal);
    await expect(shell.run({ argv: ['true'] })).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
  });

  it('knows a container that does not run from one that is not there', async () => {
    world.program('ssh', localSsh());
    const run = (vmid: number) =>
      createPctShell(plain, { node: 'pve', vmid }, signal).run({ argv: ['true'] });
    await expect(run(902)).rejects.toThrow("container '902' not running!");
    await expect(run(903)).rejects.toThrow('does not exist');
  });

  it('ends `ssh` when the time is over, or the run is interrupted', async () => {
    world.program('ssh', '#!/bin/sh\nexec sleep 600\n');
    const controller = new AbortController();
    const shell = createPctShell(plain, { node: 'pve', vmid: 901 }, controller.signal);
    await expect(shell.run({ argv: ['true'], timeoutMs: 50 })).rejects.toMatchObject({
      code: 'GUEST_UNREACHABLE',
    });
    const running = shell.run({ argv: ['true'] });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

describe.skipIf(!hasSshd)('pct exec through a real OpenSSH server', () => {
  let server: SshServer;
  let outer: PctWorld;
  const access = (more: Partial<SshContainerShell> = {}): SshContainerShell => ({
    ...plain,
    host: '127.0.0.1',
    port: server.port,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    ...more,
  });
  const shellOf = (shell: SshContainerShell) => createPctShell(shell, { node: 'pve', vmid: 901 }, signal);

  beforeAll(async () => {
    outer = createPctWorld();
    outer.container(901, 'running');
    server = await startSshServer(outer);
  });
  afterAll(async () => {
    await server.stop();
    outer.remove();
  });

  it('passes bytes, arguments and exit codes unchanged', async () => {
    const bytes = randomBytes(300_000);
    const words = ["it's", '$HOME', '`id`', '; touch x', 'a\nb', '', 'x=1', '*', '\\'];
    const result = await shellOf(access()).run({
      argv: ['sh', '-c', 'cat; printf "%s|" "$@" >&2; exit 255', 'sh', ...words],
      stdin: bytes,
    });
    expect(Buffer.from(result.stdout).equals(bytes)).toBe(true);
    expect(text(result.stderr)).toBe(`${words.join('|')}|`);
    expect(result.exitCode).toBe(255);
  });

  it('refuses a server whose key is not known, and adds no key by itself', async () => {
    const unknown = join(outer.directory, 'unknown');
    const error: unknown = await shellOf(access({ knownHostsFile: unknown }))
      .run({ argv: ['true'] })
      .catch((thrown: unknown) => thrown);
    expect(codeAndText(error)).toMatch(/^PHOENIX_SSH: .*host key is not known here/);
    expect(existsSync(unknown)).toBe(false);
  });

  it('says that the login is refused, the port is silent, or pct is missing', async () => {
    const fault = async (shell: SshContainerShell) =>
      codeAndText(
        await shellOf(shell)
          .run({ argv: ['true'] })
          .catch((error: unknown) => error),
      );
    const other = join(outer.directory, 'host');
    expect(await fault(access({ identityFile: other }))).toMatch(/^PHOENIX_SSH: .*refuses the login/);
    expect(await fault(access({ port: await freePort() }))).toMatch(
      /^PHOENIX_SSH: .*nothing answers on its SSH port/,
    );
    outer.program('pct', '');
    outer.program('sh', '#!/bin/sh\nPATH=/nowhere exec /bin/sh "$@"\n');
    expect(await fault(access())).toMatch(/^PHOENIX_SSH: .*there is no `pct` on it/);
  });
});
