import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DeclaredFeature,
  type FeatureEvent,
  loadFeatures,
  readReceipts,
  resolveFeatures,
  runFeatures,
} from '../../src/index.js';
import { collect, scriptFeature } from '../script-feature.js';
import { type QemuGuest, startQemuGuest } from './qemu-guest.js';

/** The newest image that the lab has built, unless one is named. */
function findImage(): string {
  const named = process.env.PHOENIX_TEST_GUEST_IMAGE;
  if (named !== undefined) return named;
  const cache =
    process.env.PHOENIX_GUEST_IMAGES ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'phoenix', 'guest-images');
  const images = (existsSync(cache) ? readdirSync(cache) : [])
    .map((key) => join(cache, key, 'debian-lab.qcow2'))
    .filter((path) => existsSync(path));
  return images.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? '';
}

const image = findImage();
// An ISO labelled OFFLINE: a flat repository for the image's release with docker.io, nfs-common, locales, tree, unattended-upgrades.
const repository = process.env.PHOENIX_TEST_GUEST_REPOSITORY ?? '';
const hasQemu = spawnSync('qemu-system-x86_64', ['--version']).status === 0 && existsSync(image);
if (!hasQemu)
  console.log('features in real guests: skipped, since there is no QEMU or no image (the lab builds one)');
else if (!existsSync(repository))
  console.log('packs in real guests: skipped, since PHOENIX_TEST_GUEST_REPOSITORY names no repository');

const lines = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));

describe.skipIf(!hasQemu)('in a real guest', { timeout: 1_800_000 }, () => {
  let guest: QemuGuest;
  beforeAll(async () => {
    guest = await startQemuGuest({
      image,
      isos: existsSync(repository) ? [repository] : [],
      memoryMib: 1024,
      diskGib: 5,
      ...(process.env.PHOENIX_TEST_GUEST_SOCKET === undefined
        ? {}
        : { socket: process.env.PHOENIX_TEST_GUEST_SOCKET }),
    });
    if (!existsSync(repository)) return;
    const { exitCode, output } = await guest.sh(
      'mkdir -p /run/offline && { mountpoint -q /run/offline || mount -o ro LABEL=OFFLINE /run/offline; } && rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* && ' +
        "echo 'deb [trusted=yes] file:/run/offline ./' >/etc/apt/sources.list.d/offline.list && apt-get -q update",
    );
    if (exitCode !== 0) throw new Error(output);
  }, 900_000);
  afterAll(() => guest?.close());

  const run = (features: Parameters<typeof runFeatures>[0]['features']) =>
    collect(runFeatures({ shell: guest.shell, features }));
  const packs = async (...declared: DeclaredFeature[]) => resolveFeatures(await loadFeatures(), declared);

  it('a feature is applied once and costs two agent commands when nothing is to be done', async () => {
    const feature = scriptFeature({
      'check.sh': '[ -f /root/made ]',
      'apply.sh': 'echo run >>/root/made; id -un',
    });
    const first = await run([feature]);
    expect(first.error).toBeUndefined();
    expect(lines(first.events)).toEqual(['root']);
    const before = guest.commands.count;
    const begun = performance.now();
    const again = await run([feature]);
    expect(again.events.at(-1)).toMatchObject({ outcome: 'unchanged' });
    expect(guest.commands.count - before).toBe(2);
    console.log(`no-op feature: 2 agent commands, ${Math.round(performance.now() - begun)} ms`);
  });

  it('a script survives a restart of the guest agent: it runs once, its output is whole', async () => {
    const feature = scriptFeature(
      {
        'apply.sh':
          'echo one; systemctl restart qemu-guest-agent; sleep 6; echo two; echo run >>/root/survived',
      },
      { name: 'survivor' },
    );
    const { events, error } = await run([feature]);
    expect(error).toBeUndefined();
    expect(lines(events)).toEqual(['one', 'two']);
    expect((await guest.sh('cat /root/survived')).output).toBe('run\n');
  });

  it('a script that never ends is killed with its children', async () => {
    const feature = scriptFeature(
      { 'apply.sh': 'echo begin; sleep 7777 & setsid sleep 7777 & wait' },
      { name: 'endless', apply: { script: 'apply.sh', timeoutMs: 5_000 } },
    );
    const { error } = await run([feature]);
    expect(error).toMatchObject({ code: 'FEATURES_STEP_TIMEOUT' });
    expect((await guest.sh('pgrep -fc "[s]leep 7777" || true')).output.trim()).toBe('0');
  });

  it.skipIf(!existsSync(repository))(
    'a reboot asked for by a script is made, and the script goes on',
    async () => {
      const feature = scriptFeature(
        { 'apply.sh': 'echo "after $PHOENIX_REBOOTS"; [ "$PHOENIX_REBOOTS" = 1 ] || exit 194' },
        { name: 'rebooter' },
      );
      const { events, error } = await run([feature]);
      expect(error).toBeUndefined();
      expect(lines(events)).toEqual(['after 0', 'after 1']);
      expect(events.some(({ kind }) => kind === 'guest-rebooted')).toBe(true);
      // The repository's mount does not survive.
      await guest.sh('mkdir -p /run/offline && mount -o ro LABEL=OFFLINE /run/offline');
    },
  );

  it.skipIf(!existsSync(repository))(
    'a disk that fills up is told, and a re-run repairs the guest',
    async () => {
      const filling = scriptFeature(
        { 'apply.sh': 'cat /dev/zero >/var/lib/phoenix/zeros' },
        { name: 'filler' },
      );
      const full = await run([filling]);
      expect(full.error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL' });
      const other = await run([
        scriptFeature({ 'apply.sh': 'true', big: new Uint8Array(100_000) }, { name: 'next' }),
      ]);
      expect(other.error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL' });
      await guest.sh('rm /var/lib/phoenix/zeros');
      const repaired = await run([scriptFeature({ 'apply.sh': 'true' }, { name: 'filler' })]);
      expect(repaired.error).toBeUndefined();
    },
  );

  it.skipIf(!existsSync(repository))(
    'base_setup, users, trusted_ca and unattended_upgrades work, twice',
    async () => {
      const pem = (
        await guest.sh(
          'openssl version >/dev/null 2>&1 || apt-get -qq -y install openssl >/dev/null 2>&1; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=phoenix-test -days 30 -keyout /dev/null 2>/dev/null',
        )
      ).output;
      const features = await packs(
        {
          name: 'base_setup',
          options: { packages: ['tree'], timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8' },
        },
        {
          name: 'users',
          options: {
            users: [
              {
                name: 'alice',
                keys: [
                  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhZGtleWJhZGtleWJhZGtleWJhZGtleWJhZGtleWJh alice@laptop',
                ],
                groups: ['ops'],
                sudo: 'passwordless',
              },
              { name: 'bob', state: 'locked' },
            ],
          },
        },
        { name: 'trusted_ca', options: { certificates: { 'Acme-Root': pem } } },
        {
          name: 'unattended_upgrades',
          options: { reboot: true, reboot_time: '03:30', blocked: ['linux-.*'] },
        },
      );
      const first = await run(features);
      expect(first.error).toBeUndefined();
      expect(
        (
          await guest.sh(
            'date +%Z; sudo -u alice sudo -n id -un; stat -c %a:%U /home/alice/.ssh/authorized_keys; passwd -S bob | cut -d" " -f2',
          )
        ).output,
      ).toMatch(/^CES?T\nroot\n600:alice\nL\n$/);
      expect((await guest.sh('grep -c . /etc/ssl/certs/Acme-Root.pem; command -v tree')).output).toContain(
        '/usr/bin/tree',
      );
      const again = await run(features);
      expect(again.error).toBeUndefined();
      const outcomes = again.events.flatMap((event) =>
        event.kind === 'feature-done' ? [event.outcome] : [],
      );
      expect(outcomes).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    },
  );

  it.skipIf(!existsSync(repository))(
    'nfs_mount writes its lines and tells when the server is not there',
    async () => {
      const features = await packs({
        name: 'nfs_mount',
        options: {
          mounts: [
            {
              server: '127.0.0.1',
              export: '/srv/none',
              path: '/mnt/none',
              options: 'nofail,_netdev,soft,timeo=10,retry=0',
            },
          ],
        },
      });
      const { error } = await run(features);
      expect(error).toMatchObject({ code: 'FEATURES_STEP_FAILED', step: 'apply' });
      expect((await guest.sh('grep -c "127.0.0.1:/srv/none /mnt/none nfs" /etc/fstab')).output.trim()).toBe(
        '1',
      );
    },
  );

  it.skipIf(!existsSync(repository))(
    'docker is installed from the local repository and answers',
    async () => {
      const features = await packs({
        name: 'docker',
        options: { users: ['root'], daemon: { 'log-driver': 'journald' } },
      });
      const begun = performance.now();
      const { events, error } = await run(features);
      expect(error).toBeUndefined();
      console.log(`docker installed in ${Math.round((performance.now() - begun) / 1000)} s`);
      expect(lines(events).join('\n')).toMatch(/Docker version \d+/);
      expect((await guest.sh('docker --version')).output).toMatch(/^Docker version/);
      const again = await run(features);
      expect(again.events.at(-1)).toMatchObject({ outcome: 'unchanged' });
      const { receipts } = await readReceipts(guest.shell);
      expect(Object.keys(receipts)).toContain('docker');
    },
  );
});
