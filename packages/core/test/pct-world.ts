import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory with programs of its own, and what stands in for a node's `pct`. */
export interface PctWorld {
  readonly directory: string;
  /** Where programs are put that hide those of this machine. */
  readonly bin: string;
  /** PATH with `bin` before everything else. */
  readonly path: string;
  program(name: string, text: string): void;
  /** A container that `pct exec` knows; commands run on this machine, with the directory in PHOENIX_CT. */
  container(vmid: number, state: 'running' | 'stopped'): string;
  remove(): void;
}

/** `pct exec` as Proxmox VE's answers (PVE/CLI/pct.pm), but that the command runs on this machine. */
const pct = (root: string) => `#!/bin/sh
[ "$1" = exec ] && [ "$3" = -- ] || { echo "ERROR: unexpected: $*" >&2; exit 255; }
[ -d "${root}/$2" ] || { echo "Configuration file 'nodes/pve/lxc/$2.conf' does not exist" >&2; exit 2; }
[ ! -e "${root}/$2/stopped" ] || { echo "container '$2' not running!" >&2; exit 255; }
shift 3
exec "$@"
`;

/** A world without anything running in it. */
export function createPctWorld(): PctWorld {
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-pct-'));
  const bin = join(directory, 'bin');
  const root = join(directory, 'containers');
  mkdirSync(bin);
  mkdirSync(root);
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  program('pct', pct(root));
  return {
    directory,
    bin,
    path: `${bin}:${process.env.PATH ?? ''}`,
    program,
    container: (vmid, state) => {
      const place = join(root, String(vmid));
      mkdirSync(place, { recursive: true });
      if (state === 'stopped') writeFileSync(join(place, 'stopped'), '');
      return place;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Where Debian and others put the server. */
const sshdPath = '/usr/sbin/sshd';

/** Whether an OpenSSH server can be started here: it wants root for its own directory. */
export const hasSshd = existsSync(sshdPath) && process.getuid?.() === 0;

/** A real OpenSSH server on loopback that finds the world's programs. */
export interface SshServer {
  readonly port: number;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  stop(): Promise<void>;
}

/** Starts it, with keys of its own, and waits until it answers. */
export async function startSshServer(world: PctWorld): Promise<SshServer> {
  const { directory } = world;
  const key = (name: string) => {
    const file = join(directory, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    return file;
  };
  const hostKey = key('host');
  const identityFile = key('identity');
  const port = await freePort();
  const read = (file: string) => execFileSync('cat', [`${file}.pub`], { encoding: 'utf8' });
  writeFileSync(join(directory, 'authorized_keys'), read(identityFile), { mode: 0o600 });
  const knownHostsFile = join(directory, 'known hosts');
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${read(hostKey)}`);
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(directory, 'sshd_config');
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      `SetEnv PATH=${world.path}`,
      '',
    ].join('\n'),
  );
  const server = spawn(sshdPath, ['-D', '-e', '-f', config], { stdio: 'ignore' });
  await untilListening(port, server);
  return {
    port,
    identityFile,
    knownHostsFile,
    stop: async () => {
      const ended = once(server, 'close');
      server.kill();
      await ended;
    },
  };
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilListening(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
  }
  throw new Error(`sshd ended with ${server.exitCode}`);
}
