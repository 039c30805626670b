import { type Lab, type LabOptions, startLab } from '@phoenix/lab';
import { createProxmoxClient, type ProxmoxClient } from '@phoenix/proxmox-client';
import {
  createOrchestrator,
  type Orchestrator,
  type PhoenixEvent,
  parseConfig,
  type RunSummary,
} from '../src/index.js';

/** A lab with a client, and orchestrators on it. */
export interface LabSession {
  readonly lab: Lab;
  readonly client: ProxmoxClient;
  /** An orchestrator of a configuration in the users' own format. */
  orchestrator(
    file: unknown,
    options?: { readonly environment?: Readonly<Record<string, string>> },
  ): Orchestrator;
  /** `METHOD /path` of every mutating request since a mark. */
  mutations(since: number): readonly string[];
  close(): Promise<void>;
}

/** Starts a lab and connects to it over HTTPS, by its fingerprint. */
export async function openLab(options: LabOptions = {}): Promise<LabSession> {
  const lab = await startLab(options);
  const client = createProxmoxClient({ url: lab.url, token: lab.token, fingerprint: lab.fingerprint });
  return {
    lab,
    client,
    orchestrator: (file, options = {}) =>
      createOrchestrator({ client, config: parseFile(file, lab.imageMirror), ...options }),
    mutations: (since) =>
      lab.requests
        .slice(since)
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      await client.close();
      await lab.close();
    },
  };
}

function parseFile(file: unknown, imageMirror: string | undefined) {
  return parseConfig([{ file: '/made-up/phoenix.json', text: JSON.stringify(file) }], {
    homeDirectory: '/made-up',
    readTextFile: () => undefined,
    ...(imageMirror === undefined ? {} : { imageMirror }),
  });
}

/** The events of a run and its summary. */
export interface FinishedRun {
  readonly events: readonly PhoenixEvent[];
  readonly summary: RunSummary;
}

/** Follows a run to its end. */
export async function finish(run: AsyncIterable<PhoenixEvent>): Promise<FinishedRun> {
  const events: PhoenixEvent[] = [];
  for await (const event of run) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'run-finished') throw new Error('the run did not end with run-finished');
  return { events, summary: last.summary };
}

/** The failures of a run, in one text each: empty for a run that went well. */
export function failures({ events }: FinishedRun): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'action-failed' ? [`${event.actionId} ${event.code}: ${event.message}`] : [],
  );
}
