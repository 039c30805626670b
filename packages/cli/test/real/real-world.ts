import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGuestImages, type Lab, startLab } from '@phoenix/lab';
import { type RunResult, runPhoenix } from '../run-phoenix.js';
import { labEnvironment } from '../workspace.js';

/** A lab with real guests, and a directory with a configuration for it. */
export interface RealWorld {
  readonly lab: Lab;
  readonly directory: string;
  writeConfig(config: unknown): void;
  /** Runs `phoenix`; what it prints goes to the log of the test run as well. */
  phoenix(...args: readonly string[]): Promise<RunResult>;
  /** Runs it and kills it (SIGKILL) as soon as its output matches. Resolves to whether it came to that. */
  phoenixUntil(pattern: RegExp, ...args: readonly string[]): Promise<boolean>;
  /** Runs a line of shell as root in a guest, through the agent behind the API. */
  inGuest(vmid: number, script: string, stdin?: string): Promise<string>;
  /** A call of the API. */
  api(method: string, path: string, params?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): Promise<void>;
}

const FILES = fileURLToPath(new URL('./files', import.meta.url));

/** Starts the lab on freshly built (or cached) images. */
export async function createRealWorld(): Promise<RealWorld> {
  const log = (text: string): void => console.log(text);
  await buildGuestImages({ log });
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-real-'));
  cpSync(FILES, directory, { recursive: true });
  const lab = await startLab({ guests: 'qemu', release: '9.2', stateDir: join(directory, 'lab') });
  const env = labEnvironment(lab);
  const run = (args: readonly string[], watch?: RegExp): Promise<RunResult & { killed: boolean }> => {
    let shown = 0;
    let killed = false;
    log(`$ phoenix ${args.join(' ')}${watch === undefined ? '' : `   (killed at ${watch.source})`}`);
    return runPhoenix(args, {
      cwd: directory,
      env,
      watch: (output, kill) => {
        process.stdout.write(output.slice(shown));
        shown = output.length;
        if (!killed && watch?.test(output) === true) {
          killed = true;
          kill('SIGKILL');
        }
      },
    }).then((result) => ({ ...result, killed }));
  };

  const api: RealWorld['api'] = async (method, path, params = {}) => {
    const { request } = await import('node:https');
    const isRead = method === 'GET' || method === 'DELETE';
    const query = isRead
      ? `?${new URLSearchParams(Object.entries(params).map(([key, value]): [string, string] => [key, String(value)]))}`
      : '';
    return new Promise((resolve, reject) => {
      const call = request(
        `${lab.url}/api2/json${path}${query}`,
        {
          method,
          ca: lab.ca,
          headers: {
            Authorization: `PVEAPIToken=${lab.token}`,
            ...(isRead ? {} : { 'Content-Type': 'application/json' }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => {
            if (response.statusCode === 200) resolve(JSON.parse(text).data);
            else
              reject(
                new Error(`${method} ${path}: ${response.statusCode} ${response.statusMessage} ${text}`),
              );
          });
        },
      );
      call.on('error', reject);
      call.end(isRead ? undefined : JSON.stringify(params));
    });
  };

  const inGuest: RealWorld['inGuest'] = async (vmid, script, stdin) => {
    const agent = `/nodes/pve/qemu/${vmid}/agent`;
    const started = asRecord(
      await api('POST', `${agent}/exec`, {
        command: ['/bin/sh', '-c', script],
        ...(stdin === undefined ? {} : { 'input-data': stdin }),
      }),
    );
    for (;;) {
      const status = asRecord(await api('GET', `${agent}/exec-status`, { pid: started.pid }));
      if (status.exited === 1) return String(status['out-data'] ?? '').trimEnd();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };

  return {
    lab,
    directory,
    api,
    inGuest,
    writeConfig: (config) =>
      writeFileSync(join(directory, 'phoenix_vm_configs.json'), JSON.stringify(config, undefined, 2)),
    phoenix: (...args) => run(args),
    phoenixUntil: async (pattern, ...args) => (await run(args, pattern)).killed,
    close: async () => {
      keepLogs(lab);
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Serial consoles of failed runs are worth keeping; CI collects this directory. */
function keepLogs(lab: Lab): void {
  const kept = process.env.PHOENIX_TEST_LOGS;
  if (kept === undefined) return;
  mkdirSync(kept, { recursive: true });
  for (const vmid of Object.keys(lab.state.guests)) {
    const record = asRecord(lab.state.runtimeGuests[vmid]);
    if (typeof record.directory !== 'string') continue;
    copyFileSync(join(record.directory, vmid, 'serial.log'), join(kept, `serial-${vmid}.log`));
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
