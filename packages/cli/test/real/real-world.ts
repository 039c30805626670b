import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGuestImages, type Lab, startLab } from '@phoenix/lab';
import { agentExec, createProxmoxClient, type ProxmoxClient } from '@phoenix/proxmox-client';
import { type RunResult, runPhoenix } from '../run-phoenix.js';
import { labEnvironment } from '../workspace.js';

/** A lab with real guests, and a directory with a configuration for it. */
export interface RealWorld {
  readonly lab: Lab;
  readonly client: ProxmoxClient;
  /** Where `phoenix` runs. */
  readonly directory: string;
  /** Writes the configuration with these machines. */
  declare(...machines: readonly object[]): void;
  /** Runs `phoenix`; what it prints goes to the log of the test run as well. */
  phoenix(...args: readonly string[]): Promise<RunResult>;
  /** The same with `--json`: gives each line to `watch` as it comes, which may kill the process with SIGKILL. */
  watchPhoenix(
    args: readonly string[],
    watch: (line: Readonly<Record<string, unknown>>, kill: () => void) => void,
  ): Promise<RunResult>;
  /** Writes to the log of the test run. */
  log(text: string): void;
  /** Runs shell as root in a guest, through its agent, and yields what it printed without the last line's end. */
  inGuest(vmid: number, script: string, stdin?: Uint8Array): Promise<string>;
  /** What a running guest has written to its serial port, by the lab's own record. */
  serialLog(vmid: number): string;
  close(): Promise<void>;
}

const FILES = fileURLToPath(new URL('./files', import.meta.url));

/** Time enough where two processors emulate two guests and do other work as well. */
export const PATIENCE = { agent: '9m', cloud_init: '9m', shutdown: '4m' };

/** Starts the lab on the images, which are built where they are missing. `name` stands before each line of its log. */
export async function createRealWorld(name: string): Promise<RealWorld> {
  const log = (text: string): void => console.log(text.replaceAll(/^/gm, `[${name}] `));
  await buildGuestImages({ log });
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-real-'));
  cpSync(FILES, directory, { recursive: true });
  // Without a state directory: guests end with this process, however it ends.
  const lab = await startLab({ guests: 'qemu', release: '9.2' });
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  const mirror = lab.imageMirror ?? '';

  /** Runs the command line and gives its lines, once whole, to `onLine`. */
  const run = (
    args: readonly string[],
    onLine: (line: string, kill: () => void) => void,
  ): Promise<RunResult> => {
    let seen = 0;
    log(`$ phoenix ${args.join(' ')}`);
    return runPhoenix(args, {
      cwd: directory,
      env: labEnvironment(lab),
      watch: (output, kill) => {
        const end = output.lastIndexOf('\n') + 1;
        if (end <= seen) return;
        const lines = output.slice(seen, end - 1).split('\n');
        seen = end;
        for (const line of lines) onLine(line, () => kill('SIGKILL'));
      },
    });
  };

  return {
    lab,
    client,
    directory,
    log,
    phoenix: (...args) => run(args, log),
    watchPhoenix: (args, watch) =>
      run([...args, '--json'], (line, kill) => {
        if (line.startsWith('{')) watch(JSON.parse(line), kill);
        else log(line);
      }),
    declare: (...machines) =>
      writeFileSync(
        join(directory, 'phoenix_vm_configs.json'),
        JSON.stringify({
          images: {
            'debian-lab-bare': {
              url: `${mirror}debian-lab-bare.qcow2`,
              checksum_url: `${mirror}SHA256SUMS`,
            },
          },
          vm_defaults: {
            cores: 2,
            memory_mb: 512,
            storage_pool: 'quickOS-vm-disks',
            network_bridge: 'vmbr0',
            timeouts: PATIENCE,
          },
          feature_directories: ['./scripts'],
          vms: machines,
        }),
      ),
    inGuest: async (vmid, script, stdin) => {
      const { stdout } = await agentExec(client, {
        node: 'pve',
        vmid,
        argv: ['/bin/sh', '-c', script],
        timeoutMs: 300_000,
        ...(stdin === undefined ? {} : { stdin }),
      });
      return new TextDecoder().decode(stdout).replace(/\n$/, '');
    },
    serialLog: (vmid) => readFileSync(serialLogOf(lab, vmid), 'utf8'),
    close: async () => {
      keepConsoles(lab);
      await client.close();
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Serial consoles of guests that were left running are worth keeping: PHOENIX_TEST_LOGS names a directory that CI collects. */
function keepConsoles(lab: Lab): void {
  const kept = process.env.PHOENIX_TEST_LOGS;
  if (kept === undefined) return;
  mkdirSync(kept, { recursive: true });
  for (const vmid of Object.keys(lab.state.runtimeGuests))
    copyFileSync(serialLogOf(lab, Number(vmid)), join(kept, `serial-${vmid}.log`));
}

function serialLogOf(lab: Lab, vmid: number): string {
  const record = lab.state.runtimeGuests[vmid];
  if (typeof record !== 'object' || record === null || !('directory' in record))
    throw new Error(`guest ${vmid} does not run`);
  return join(String(record.directory), String(vmid), 'serial.log');
}
