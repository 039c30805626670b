import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrchestrator, type Orchestrator, type PhoenixEvent, parseConfig } from '@phoenix/core';
import { type Lab, startLab } from '@phoenix/lab';
import { createProxmoxClient } from '@phoenix/proxmox-client';
import { type RunResult, runPhoenix } from '../run-phoenix.js';
import { labEnvironment } from '../workspace.js';
import { type FinalState, readFinalState } from './final-state.js';

/** Guests boot in so many milliseconds: long enough that a run finds them at it. */
const boot = { agentMs: 200, cloudInitMs: 100 };

/** A container template as the index names them; what is in it follows from its name, since the lab cannot unpack zstd. */
const templateName = 'debian-12-standard_12.7-1_amd64.tar.zst';
const templateBytes = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(4096)]);

/** A lab of its own with a directory, the file of a fleet in it, and both ways to run Phoenix there. */
export interface MatrixWorld {
  readonly lab: Lab;
  /** `phoenix orchestrate --all` as a process. */
  readonly runCommand: (environment?: Readonly<Record<string, string>>) => Promise<RunResult>;
  /** An orchestrator with a client of its own, as another program embeds it. */
  readonly embed: () => Orchestrator;
  readonly state: () => FinalState;
  readonly close: () => Promise<void>;
}

/** The file of a fleet; `templateFile` is the path of a container template. */
export type Fleet = (templateFile: string) => unknown;

/** Opens a world of a fleet. */
export async function openWorld(fleet: Fleet, seed = 1): Promise<MatrixWorld> {
  const lab = await startLab({ seed, plainHttp: true });
  lab.guests?.behave(boot);
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-matrix-'));
  const templateFile = join(directory, templateName);
  writeFileSync(templateFile, templateBytes);
  const file = join(directory, 'phoenix_vm_configs.json');
  const text = JSON.stringify(fleet(templateFile));
  writeFileSync(file, text);
  const config = parseConfig([{ file, text }], {
    homeDirectory: directory,
    readTextFile: () => undefined,
    ...(lab.imageMirror === undefined ? {} : { imageMirror: lab.imageMirror }),
  });
  // Without TLS, which takes a third of a run's processor time and has its own tests.
  const url = lab.plainUrl ?? lab.url;
  const { PHOENIX_PVE_FINGERPRINT: _, ...others } = labEnvironment(lab);
  const surroundings = { ...others, PHOENIX_PVE_URL: url };
  const clients: ReturnType<typeof createProxmoxClient>[] = [];
  return {
    lab,
    runCommand: (environment = {}) =>
      runPhoenix(['orchestrate', '--all'], {
        cwd: directory,
        env: { ...surroundings, ...environment },
      }),
    embed: () => {
      const client = createProxmoxClient({ url, token: lab.token });
      clients.push(client);
      return createOrchestrator({ client, config });
    },
    state: () => readFinalState(lab),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await lab.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A failed action of a run. */
export interface Failure {
  readonly action: string;
  readonly code: string;
  readonly message: string;
}

/** Plans and applies; what failed, empty for a run that went well. */
export async function converge(
  orchestrator: Orchestrator,
  targets: readonly number[] | 'all' = 'all',
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  let last: PhoenixEvent | undefined;
  for await (const event of orchestrator.apply(await orchestrator.plan(targets))) {
    last = event;
    if (event.type === 'action-failed')
      failures.push({ action: event.actionId, code: event.code, message: event.message });
  }
  if (last?.type !== 'run-finished') throw new Error('the run did not end with run-finished');
  if (failures.length === 0 && last.summary.outcome !== 'ok')
    throw new Error(`a run without failures ended as ${last.summary.outcome}`);
  return failures;
}
