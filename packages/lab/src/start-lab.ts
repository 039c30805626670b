import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from './access/access-control.js';
import { createAuthenticator } from './access/authenticate.js';
import { areas, streams } from './api/areas.js';
import { indexRoutes } from './api/index-routes.js';
import type { Clock } from './clock/clock.js';
import { createRealClock, createVirtualClock } from './clock/create-clock.js';
import { createFaults } from './faults/create-faults.js';
import type { Faults } from './faults/faults.js';
import { createRuntime, type GuestScripting } from './guests/create-runtime.js';
import type { RuntimeHost } from './guests/guest-runtime.js';
import { type Certificate, createCertificate } from './http/certificate.js';
import { listenHttps } from './http/https-server.js';
import { createPipeline, type LoggedRequest } from './http/pipeline.js';
import type { Handler } from './http/route.js';
import { findGuestImages, GUEST_IMAGES } from './images/guest-images.js';
import { type ImageMirror, startImageMirror } from './images/image-mirror.js';
import type { Lab } from './lab.js';
import { LabError } from './lab-error.js';
import { createLocks } from './locks/create-locks.js';
import { createNodeShell, type NodeShell } from './node-shell.js';
import { loadApiSchema } from './schema/api-schema.js';
import { createInitialState, type NodeOptions, type StorageOptions } from './state/initial-state.js';
import type { LabRelease, LabState } from './state/lab-state.js';
import { recoverState } from './state/recover-state.js';
import { openStateDirectory } from './state/state-directory.js';
import { createStorages } from './storage/create-storages.js';
import { createDirectoryFiles } from './storage/directory-files.js';
import { createMemoryFiles } from './storage/memory-files.js';
import { createTasks } from './tasks/create-tasks.js';

/** How to start a lab. Everything has a default; what concerns the world (nodes, storages, tokens) counts for a new state only. */
export interface LabOptions {
  /** Default `9.2`. */
  readonly release?: LabRelease;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Keeps the state (and the storages' files) there. Default: in memory, gone with the lab. */
  readonly stateDir?: string;
  /** Default `simulated`. `qemu` runs real QEMU processes and needs qemu-system-x86_64 and qemu-img. */
  readonly guests?: 'simulated' | 'qemu';
  /** Default `virtual`: waits are jumped over. With `qemu` guests always `real`. */
  readonly clock?: 'virtual' | 'real';
  /**
   * With the virtual clock: waits of more than five seconds (a shutdown that is ignored, a lock) are jumped over only after so many milliseconds of real time
   * without a request, so that a client can look at a task at work and stop it. Default 0.
   */
  readonly patienceMs?: number;
  /** By name; default one node `pve`. */
  readonly nodes?: Readonly<Record<string, NodeOptions>>;
  /** By name; default `local` (files) and `quickOS-vm-disks` (disks), both directories. */
  readonly storages?: Readonly<Record<string, StorageOptions>>;
  /** Tokens of root@pam by name, with their secrets; default one, `phoenix`, with a drawn secret. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Makes every draw (MACs, UUIDs) repeatable. */
  readonly seed?: number;
  /** Default false. True: requests without TLS are answered too (`plainUrl`), where PVE redirects them: a test of thousands of calls is done sooner. */
  readonly plainHttp?: boolean;
  /** Default true: serve small cloud images on loopback. */
  readonly imageMirror?: boolean;
}

/** A running lab. */
export interface StartedLab {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** `http://127.0.0.1:PORT`, when it was switched on. */
  readonly plainUrl: string | undefined;
  /** `root@pam!phoenix=SECRET`. */
  readonly token: string;
  /** SHA-256 of the certificate, as PVE shows it. */
  readonly fingerprint: string;
  /** The certificate in PEM, to trust it as `ca`. */
  readonly ca: string;
  /** Base URL of the cloud images; absent when switched off. */
  readonly imageMirror: string | undefined;
  /** Everything the lab knows: plain data, to look at and to change. */
  readonly state: LabState;
  readonly faults: Faults;
  /** Scripts simulated guests; undefined with `qemu` guests. */
  readonly guests: GuestScripting | undefined;
  /** Requests so far, in the order of their arrival. */
  readonly requests: readonly LoggedRequest[];
  readonly clock: Clock;
  readonly release: LabRelease;
  /** The inside: tasks, locks, storages, file bytes. */
  readonly inside: Lab;
  /** What a person does on a node's own shell, and no API call can. */
  readonly shell: NodeShell;
  /** A ticket and CSRF token for a user, as a login would give. */
  login(userid?: string): { ticket: string; csrf: string };
  /** Serves an image under a name. */
  readonly mirror: ImageMirror | undefined;
  close(): Promise<void>;
}

const GIB = 1024 ** 3;

/** The storages of a new lab: what the first users have. */
const DEFAULT_STORAGES: Readonly<Record<string, StorageOptions>> = {
  local: { content: 'iso,vztmpl,import,snippets,backup', path: '/var/lib/vz', capacityBytes: 200 * GIB },
  'quickOS-vm-disks': {
    content: 'images,rootdir',
    path: '/mnt/pve/quickOS-vm-disks',
    capacityBytes: 4096 * GIB,
  },
};

/**
 * Starts an embedded Proxmox VE on loopback, over HTTPS with a certificate of its own.
 * @throws LabError when an option is wrong, the port is taken, or the state directory cannot be used.
 */
export async function startLab(options: LabOptions = {}): Promise<StartedLab> {
  const guests = options.guests ?? 'simulated';
  const release = options.release ?? '9.2';
  if (release !== '8.4' && release !== '9.2')
    throw new LabError('LAB_OPTION', `The lab knows the releases 8.4 and 9.2; got ${String(release)}.`);
  const clock =
    options.clock === 'real' || guests === 'qemu'
      ? createRealClock()
      : createVirtualClock(Date.now(), { patienceMs: options.patienceMs ?? 0 });
  const random = createRandom(options.seed);
  const tokens = options.tokens ?? { phoenix: uuidFrom(random) };
  const create = () =>
    createInitialState({
      release,
      nodes: options.nodes ?? { pve: {} },
      storages: options.storages ?? DEFAULT_STORAGES,
      nowMs: clock.now(),
      tokens,
    });
  const directory = options.stateDir === undefined ? undefined : openStateDirectory(options.stateDir, create);
  const state = directory?.state ?? create();
  const schema = await loadApiSchema(state.meta.release);
  const temporary: string[] = [];
  const makeTemporary = async (name: string) => {
    const path = await mkdtemp(join(tmpdir(), `pve-lab-${name}-`));
    temporary.push(path);
    return path;
  };
  const filesRoot =
    options.stateDir !== undefined
      ? join(options.stateDir, 'files')
      : guests === 'qemu'
        ? await makeTemporary('files')
        : undefined;
  const files =
    filesRoot === undefined ? createMemoryFiles(() => clock.now()) : createDirectoryFiles(filesRoot);
  const certificate = certificateOf(state);
  const faults = createFaults();
  const authenticator = createAuthenticator(state, () => clock.now() / 1000);
  const commit = () => directory?.commit();
  let runDirectory: Promise<string> | undefined;
  const host: RuntimeHost = {
    clock,
    release: state.meta.release,
    files,
    record: { disks: state.disks, guests: state.runtimeGuests, containers: state.runtimeContainers },
    random,
    changed: commit,
    persistent: directory !== undefined,
    runDirectory: () => {
      runDirectory ??= makeTemporary('run');
      return runDirectory;
    },
  };
  const { runtime, containers, scripting } = await createRuntime(guests, host);
  const next = (counter: string): number => {
    const value = (state.meta.sequence[counter] ?? 0) + 1;
    state.meta.sequence[counter] = value;
    return value;
  };
  const lab: Lab = {
    release: state.meta.release,
    state,
    clock,
    files,
    runtime,
    containers,
    random,
    authenticator,
    next,
    commit,
    access: createAccess(state, state.meta.release),
    locks: createLocks(clock, () => faults.lockTimesOut()),
    storages: createStorages(state, files, runtime.disks, {
      nowMs: () => clock.now(),
      contentsInImages: runtime.kind === 'qemu',
    }),
    tasks: createTasks(state, clock, {
      nextPid: () => 10_000 + next('pid'),
      commit,
      fault: () => faults.taskFault(),
    }),
    uuid: () => uuidFrom(random),
    fingerprint: () => certificate.fingerprint,
  };
  await runtime.recover();
  await containers.recover();
  await recoverState(lab, directory?.clean ?? true);
  const handlers = new Map<string, Handler>();
  for (const area of areas)
    for (const route of area.routes) handlers.set(`${route.method} ${route.path}`, route.handler);
  for (const route of indexRoutes(schema, new Set(handlers.keys())))
    handlers.set(`${route.method} ${route.path}`, route.handler);
  const requests: LoggedRequest[] = [];
  const entryNode = () =>
    Object.keys(state.nodes).find((node) => state.nodes[node]?.online === true) ?? 'pve';
  const handler = createPipeline({
    lab,
    schema,
    authenticator,
    faults,
    handlers,
    streams,
    requests,
    entryNode,
  });
  const hostName = options.host ?? '127.0.0.1';
  const { plainHttp = false } = options;
  const server = await listenHttps({
    host: hostName,
    port: options.port ?? 0,
    certificate,
    handler,
    plainHttp,
  });
  const mirror =
    options.imageMirror === false ? undefined : await startImageMirror({ made: guests === 'simulated' });
  if (mirror !== undefined && guests === 'qemu') await serveGuestImages(mirror);
  for (const area of areas) area.start?.(lab);
  commit();
  const [tokenid = 'phoenix', secret = ''] = Object.entries(keptTokens(state, tokens))[0] ?? [];
  let closing: Promise<void> | undefined;
  return {
    url: `https://${hostName}:${server.port}`,
    plainUrl: plainHttp ? `http://${hostName}:${server.port}` : undefined,
    token: `root@pam!${tokenid}=${secret}`,
    fingerprint: certificate.fingerprint,
    ca: certificate.certPem,
    imageMirror: mirror?.url,
    mirror,
    state,
    faults,
    guests: scripting,
    requests,
    clock,
    release: state.meta.release,
    inside: lab,
    shell: createNodeShell(lab),
    login: (userid = 'root@pam') => ({
      ticket: authenticator.issueTicket(userid),
      csrf: authenticator.issueCsrfToken(userid),
    }),
    close: () => {
      closing ??= (async () => {
        await server.close();
        await mirror?.close();
        await runtime.close();
        await containers.close();
        clock.close();
        directory?.close();
        for (const path of temporary) await rm(path, { recursive: true, force: true });
      })();
      return closing;
    },
  };
}

/** Real guests get real images: those that the builder has made. */
async function serveGuestImages(mirror: ImageMirror): Promise<void> {
  const images = await findGuestImages();
  for (const name of images === undefined ? [] : GUEST_IMAGES)
    mirror.put(name, { path: join(images ?? '', name) });
}

/** The token that the lab tells: secrets are kept as hashes only, so those that it drew itself are noted apart. */
function keptTokens(
  state: LabState,
  tokens: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const known = state.extra['lab/tokens'];
  if (typeof known === 'object' && known !== null && !Array.isArray(known)) {
    return Object.fromEntries(Object.entries(known).map(([name, secret]) => [name, String(secret)]));
  }
  state.extra['lab/tokens'] = { ...tokens };
  return tokens;
}

function certificateOf(state: LabState): Certificate {
  const { keyPem, certPem, fingerprint } = state.keys;
  if (keyPem !== undefined && certPem !== undefined && fingerprint !== undefined)
    return { keyPem, certPem, fingerprint };
  const names = ['localhost', '127.0.0.1', '::1', ...Object.keys(state.nodes)];
  const made = createCertificate(Object.keys(state.nodes)[0] ?? 'pve', names);
  Object.assign(state.keys, made);
  return made;
}

/** Draws in 0..1; with a seed always the same ones (mulberry32). */
function createRandom(seed: number | undefined): () => number {
  if (seed === undefined) return () => randomBytes(4).readUInt32LE(0) / 2 ** 32;
  let current = seed >>> 0;
  return () => {
    current = (current + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(current ^ (current >>> 15), 1 | current);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function uuidFrom(random: () => number): string {
  const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
