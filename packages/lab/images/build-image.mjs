#!/usr/bin/env node
// Builds the lab's guest images out of Debian packages: a small Debian 12 with the stock cloud kernel,
// systemd, the real cloud-init and openssh-server, on a BIOS disk with GRUB. Two images come from one run:
//
//   debian-lab.qcow2        with the real qemu-guest-agent
//   debian-lab-bare.qcow2   the same without it; its only package source is a directory inside the image
//                           (/opt/offline-packages) from which the agent can be installed without a network
//
//   node build-image.mjs [--out DIR] [--mirror URL] [--force]
//
// The directory they land in is named by a digest of these scripts and of the package list, and is reused
// when it is there: that digest is a build cache's key (--key prints it). The last line printed is that directory.
// Beside the images: manifest.json with the version of every package. Two builds from the same package versions
// hold the same files.
//
// Needs root, or a user with subordinate ids (newuidmap); no loop device, no mount, no KVM.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const suite = 'bookworm';
const diskMib = 2048;
const rootUuid = '70686f65-6e69-4078-8c61-620000000001';
const epoch = '1735689600';
const packages = [
  'linux-image-cloud-amd64',
  'tiny-initramfs',
  'grub-pc-bin',
  'systemd-sysv',
  'systemd-resolved',
  'udev',
  'dbus',
  'kmod',
  'e2fsprogs',
  'cloud-init',
  'cloud-guest-utils',
  'sudo',
  'iproute2',
  'iputils-ping',
  'openssh-server',
  'ca-certificates',
  'curl',
];
const offlinePackages = ['qemu-guest-agent', 'tree'];

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    mirror: { type: 'string' },
    force: { type: 'boolean', default: false },
    key: { type: 'boolean', default: false },
  },
});

const key = createHash('sha256')
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(readFileSync(join(here, 'finish-tree.sh')))
  .digest('hex')
  .slice(0, 16);
if (values.key) {
  console.log(key);
  process.exit(0);
}
const cache =
  values.out ??
  process.env.PHOENIX_GUEST_IMAGES ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'phoenix', 'guest-images');
const target = resolve(cache, key);
if (existsSync(join(target, 'manifest.json')) && !values.force) {
  console.error(`have ${target}`);
  console.log(target);
  process.exit(0);
}

const missing = Object.entries({
  mmdebstrap: 'mmdebstrap',
  'qemu-img': 'qemu-utils',
  mke2fs: 'e2fsprogs',
  tar: 'tar',
  apt: 'apt',
}).filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`], { env: withSbin() }).status !== 0);
if (missing.length > 0) {
  fail(
    `missing programs: ${missing.map(([program]) => program).join(', ')}; install the packages ${missing.map(([, name]) => name).join(' ')} (Debian, Ubuntu)`,
  );
}

const started = Date.now();
mkdirSync(resolve(cache), { recursive: true });
const work = mkdtempSync(join(resolve(cache), 'build-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

say(`bootstrapping ${suite} with ${packages.length} packages`);
const mirror = values.mirror ?? process.env.PHOENIX_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
run('mmdebstrap', [
  '--quiet',
  '--variant=minbase',
  '--format=tar',
  `--include=${packages.join(',')}`,
  ...acquireOptions().map((option) => `--aptopt=${option}`),
  '--aptopt=Apt::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
  '--dpkgopt=force-unsafe-io',
  ...['man', 'doc', 'locale', 'i18n', 'info', 'bash-completion'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  ),
  '--customize-hook=mkdir -p "$1/opt/offline-packages/partial"',
  // This machine's apt on the new system's lists: the new system cannot resolve names yet.
  `--customize-hook=APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y -qq --download-only -o "Dir::Cache::archives=$1/opt/offline-packages" -o APT::Sandbox::User=root install ${offlinePackages.join(' ')}`,
  '--customize-hook=rm -rf "$1/opt/offline-packages/partial" "$1/opt/offline-packages/lock"',
  suite,
  join(work, 'base.tar'),
  `deb ${mirror} ${suite} main`,
]);

say('file systems');
const finish = [join(here, 'finish-tree.sh'), join(work, 'base.tar'), work];
if (process.getuid?.() === 0) run('sh', finish);
else run('unshare', ['--map-auto', '--map-root-user', 'sh', ...finish]);

say('disks');
disk('full', 'debian-lab');
disk('bare', 'debian-lab-bare');
writeFileSync(
  join(work, 'manifest.json'),
  `${JSON.stringify({ suite, mirror, packages: { 'debian-lab': versions('full'), 'debian-lab-bare': versions('bare') } }, null, 2)}\n`,
);
for (const name of [
  'base.tar',
  'full.ext4',
  'bare.ext4',
  'full.status',
  'bare.status',
  'core.img',
  'boot.img',
  'agent.log',
  'sources.list',
]) {
  rmSync(join(work, name), { force: true });
}
if (values.force || !existsSync(join(target, 'manifest.json')))
  rmSync(target, { recursive: true, force: true });
try {
  renameSync(work, target);
} catch (error) {
  // Another build came first: guests may run from its images already, so they stay.
  if (!existsSync(join(target, 'manifest.json'))) throw error;
}
say(`done: debian-lab.qcow2 ${Math.round(statSync(join(target, 'debian-lab.qcow2')).size / 2 ** 20)} MiB`);
console.log(target);

/** Boot sector, GRUB's core from sector 1, one active Linux partition at 1 MiB, compressed to qcow2. */
function disk(kind, name) {
  const raw = join(work, `${name}.raw`);
  renameSync(join(work, `${kind}.ext4`), join(work, 'part'));
  const boot = readFileSync(join(work, 'boot.img')).subarray(0, 440);
  const core = readFileSync(join(work, 'core.img'));
  const first = 2048;
  if (512 + core.length > first * 512)
    fail(`GRUB's core image of ${core.length} bytes does not fit before the first partition`);
  const sectors = diskMib * 2048;
  const table = Buffer.alloc(512 - 440);
  table.writeUInt32LE(0x70686f65, 0);
  const entry = 446 - 440;
  table[entry] = 0x80;
  table.set([0xfe, 0xff, 0xff], entry + 1);
  table[entry + 4] = 0x83;
  table.set([0xfe, 0xff, 0xff], entry + 5);
  table.writeUInt32LE(first, entry + 8);
  table.writeUInt32LE(sectors - first, entry + 12);
  table.writeUInt16LE(0xaa55, 510 - 440);
  const file = openSync(raw, 'w');
  writeSync(file, Buffer.concat([boot, table, core]), 0, undefined, 0);
  closeSync(file);
  truncateSync(raw, diskMib * 2 ** 20);
  run('dd', [
    `if=${join(work, 'part')}`,
    `of=${raw}`,
    'bs=1M',
    'seek=1',
    'conv=notrunc,sparse',
    'status=none',
  ]);
  run('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    '-c',
    '-o',
    'compression_type=zstd',
    raw,
    join(work, `${name}.qcow2`),
  ]);
  rmSync(raw);
  rmSync(join(work, 'part'));
}

function versions(kind) {
  const entries = readFileSync(join(work, `${kind}.status`), 'utf8')
    .split('\n\n')
    .map((stanza) => [
      /^Package: (.*)$/m.exec(stanza)?.[1],
      /^Version: (.*)$/m.exec(stanza)?.[1],
      /^Status: install ok installed$/m.test(stanza),
    ]);
  return Object.fromEntries(
    entries
      .filter(([name, version, installed]) => name && version && installed)
      .map(([name, version]) => [name, version]),
  );
}

/** How this machine's apt reaches its mirrors (proxy, retries) goes along into the bootstrap. */
function acquireOptions() {
  const dump = spawnSync('apt-config', ['dump'], { encoding: 'utf8' });
  return (dump.stdout ?? '')
    .split('\n')
    .filter(
      (line) =>
        /^Acquire::(https?::Proxy|https?::Verify|https?::CaInfo|Check-Valid-Until|Check-Date|Retries|ForceIPv)/.test(
          line,
        ) && !/ "";$/.test(line),
    );
}

function withSbin() {
  return {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    SOURCE_DATE_EPOCH: epoch,
    ROOT_UUID: rootUuid,
    FS_KIB: String((diskMib - 1) * 1024),
  };
}

function run(program, args) {
  const ended = spawnSync(program, args, { env: withSbin(), encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (ended.status !== 0)
    fail(
      `${program} ended with ${ended.status ?? ended.signal ?? ended.error?.message}\n${`${ended.stdout ?? ''}${ended.stderr ?? ''}`.split('\n').slice(-30).join('\n')}`,
    );
}

function say(text) {
  console.error(`[${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s] ${text}`);
}

function fail(text) {
  console.error(`build-image: ${text}`);
  process.exit(1);
}
