import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the partition of the lab's images begins, in bytes. */
const PARTITION = 1_048_576;

/**
 * Yields the path of a file system image, labelled OFFLINE, that holds the packages with everything that they need and
 * the guest's image lacks: a flat package repository, so that a guest installs them without any network. Made once by
 * this machine's apt, from the image's own package source, and kept under a digest of all that went into it.
 */
export function offlinePackages(image: string, packages: readonly string[]): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'phoenix', 'guest-packages');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  try {
    const { status, sources } = readImage(image, work);
    const key = createHash('sha256')
      .update(JSON.stringify([status, sources, packages]))
      .update(readFileSync(fileURLToPath(import.meta.url)))
      .digest('hex')
      .slice(0, 16);
    const target = join(cache, `${key}.ext4`);
    if (existsSync(target)) return target;
    writeFileSync(join(work, 'status'), status);
    writeFileSync(join(work, 'sources.list'), sources);
    download(work, packages);
    writeFileSync(join(work, 'archives/Packages'), describeArchives(join(work, 'archives')));
    const made = join(work, 'made.ext4');
    const kib = Math.ceil(sizeOf(join(work, 'archives')) / 1024 / 0.9) + 8_192;
    run('mke2fs', [
      '-q',
      '-t',
      'ext4',
      '-O',
      '^has_journal',
      '-m',
      '0',
      '-L',
      'OFFLINE',
      '-d',
      join(work, 'archives'),
      made,
      `${kib}k`,
    ]);
    renameSync(made, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What the image has installed, and where its packages come from. Nothing is mounted. */
function readImage(image: string, work: string): { readonly status: string; readonly sources: string } {
  const raw = join(work, 'disk.raw');
  run('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const read = (path: string): string => run('debugfs', ['-R', `cat ${path}`, `${raw}?offset=${PARTITION}`]);
  const found = { status: read('/var/lib/dpkg/status'), sources: read('/etc/apt/sources.list') };
  rmSync(raw);
  return found;
}

function download(work: string, packages: readonly string[]): void {
  for (const directory of ['lists/partial', 'archives/partial', 'none'])
    mkdirSync(join(work, directory), { recursive: true });
  const options = [
    `Dir::State=${work}`,
    `Dir::State::status=${work}/status`,
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${work}/archives`,
    `Dir::Etc::sourcelist=${work}/sources.list`,
    `Dir::Etc::sourceparts=${work}/none`,
    `Dir::Etc::preferencesparts=${work}/none`,
    'APT::Architecture=amd64',
    'APT::Install-Recommends=false',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'Debug::NoLocking=1',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', ['-qq', ...options, 'update']);
  run('apt-get', ['-qq', '-y', '--download-only', ...options, 'install', '--reinstall', ...packages]);
  for (const left of ['partial', 'lock'])
    rmSync(join(work, 'archives', left), { recursive: true, force: true });
}

/** The index of a flat repository. */
function describeArchives(directory: string): string {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.deb'))
    .sort()
    .map((name) => {
      // apt decodes what stands under Filename: the colon of an epoch must not be there in its encoded form.
      const plain = name.replace(/%3a/gi, '.');
      renameSync(join(directory, name), join(directory, plain));
      const content = readFileSync(join(directory, plain));
      const control = run('dpkg-deb', ['-f', join(directory, plain)]);
      const digest = createHash('sha256').update(content).digest('hex');
      return `${control.trimEnd()}\nFilename: ./${plain}\nSize: ${content.length}\nSHA256: ${digest}\n`;
    })
    .join('\n');
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size + 4_096, 0);
}

function run(program: string, args: readonly string[]): string {
  const ended = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: {
      ...process.env,
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      LC_ALL: 'C',
      DEBIAN_FRONTEND: 'noninteractive',
    },
  });
  if (ended.status !== 0)
    throw new Error(`${program} ended with ${ended.status ?? ended.error?.message}: ${ended.stderr ?? ''}`);
  return ended.stdout;
}
