import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DeclaredFeature,
  type FeatureEvent,
  type FeatureSources,
  loadFeatures,
  type ResolvedFeature,
  type RunFeaturesOptions,
  resolveFeatures,
  runFeatures,
} from '../../src/index.js';
import { collect } from '../script-feature.js';
import { offlinePackages } from './offline-packages.js';
import { type QemuGuest, startQemuGuest } from './qemu-guest.js';

/** What the packs under test, and the servers that they are tested against, install. */
const PACKAGES = [
  'apparmor',
  'docker.io',
  'locales',
  'nfs-common',
  'nfs-kernel-server',
  'redis-server',
  'tree',
  'unattended-upgrades',
];

/** One real guest whose network leads nowhere and whose package source is a disk, and what the tests do with it. */
export interface RealWorld extends QemuGuest {
  /** Runs features there to the end, or to the error that ended them. */
  run(
    features: readonly ResolvedFeature[],
    more?: Partial<RunFeaturesOptions>,
  ): Promise<{ readonly events: readonly FeatureEvent[]; readonly error: unknown; readonly seconds: number }>;
  /** Runs a line of shell there and yields what it printed. @throws Error when it fails. */
  out(line: string): Promise<string>;
}

/** Builds what is missing (image, packages), boots a guest, and gives it its package source. */
export async function startRealWorld(): Promise<RealWorld> {
  const image = process.env.PHOENIX_TEST_GUEST_IMAGE ?? join(buildImages(), 'debian-lab.qcow2');
  const { PHOENIX_TEST_GUEST_SOCKET: socket } = process.env;
  const guest = await startQemuGuest({
    image,
    disks: [offlinePackages(image, PACKAGES)],
    memoryMib: 1024,
    ...(socket === undefined ? {} : { socket }),
  });
  const out = async (line: string): Promise<string> => {
    const { exitCode, output } = await guest.sh(line);
    if (exitCode !== 0) throw new Error(`${line}\nended with ${exitCode}: ${output}`);
    return output;
  };
  // A line of fstab: the mount comes back after a restart of the guest.
  await out(`set -e
    mkdir -p /opt/offline
    grep -q OFFLINE /etc/fstab || echo 'LABEL=OFFLINE /opt/offline ext4 ro 0 0' >>/etc/fstab
    mountpoint -q /opt/offline || mount /opt/offline
    rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/opt/offline ./' >/etc/apt/sources.list.d/offline.list
    apt-get -qq update`);
  return {
    ...guest,
    out,
    run: async (features, more = {}) => {
      const begun = performance.now();
      const ended = await collect(runFeatures({ shell: guest.shell, features, ...more }));
      return { ...ended, seconds: Math.round((performance.now() - begun) / 1000) };
    },
  };
}

/** Yields declared features with what they require, from the built-in packs or the named sources. */
export async function resolveDeclared(
  declared: readonly DeclaredFeature[],
  sources?: FeatureSources,
): Promise<readonly ResolvedFeature[]> {
  return resolveFeatures(await loadFeatures(sources), declared);
}

export function linesOf(events: readonly FeatureEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
}

export function outcomesOf(events: readonly FeatureEvent[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) => (event.kind === 'feature-done' ? [[event.feature, event.outcome]] : [])),
  );
}

/** The directory with the lab's images; they are built where they are missing. */
function buildImages(): string {
  const missing = ['qemu-system-x86_64', 'qemu-img', 'mmdebstrap'].filter(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  );
  if (missing.length > 0)
    throw new Error(
      `real guests need ${missing.join(', ')}: apt-get install qemu-system-x86 qemu-utils mmdebstrap (Debian, Ubuntu)`,
    );
  const builder = fileURLToPath(new URL('../../../lab/images/build-image.mjs', import.meta.url));
  const built = spawnSync(process.execPath, [builder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (built.status !== 0) throw new Error(`the guest image could not be built: exit ${built.status}`);
  return built.stdout.trim().split('\n').at(-1) ?? '';
}
