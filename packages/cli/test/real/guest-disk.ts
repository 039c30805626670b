import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files on the root file system of a guest that is switched off: neither booted nor mounted, so that looking changes nothing. */
export interface GuestDisk {
  /** A file's bytes as text; undefined where there is no such file. */
  read(path: string): string | undefined;
  /** Names in a directory, sorted; empty where there is none. */
  list(path: string): readonly string[];
  close(): void;
}

/** The lab's images have one partition, at 1 MiB. */
const PARTITION_BYTES = 2 ** 20;

/** Opens a disk image by copying it flat, backing files included. Needs qemu-img and debugfs (e2fsprogs). */
export function openGuestDisk(image: string): GuestDisk {
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-disk-'));
  const flat = join(directory, 'flat.raw');
  execFileSync('qemu-img', ['convert', '-O', 'raw', image, flat]);
  // debugfs exits with 0 whatever happens, and says what did on its error stream.
  const ask = (request: string): string | undefined => {
    const { stdout, stderr } = debugfs(request, `${flat}?offset=${PARTITION_BYTES}`);
    const complaint = stderr.split('\n').slice(1).join('\n').trim();
    if (/File not found/.test(complaint)) return undefined;
    if (complaint !== '') throw new Error(`debugfs ${request}: ${complaint}`);
    return stdout;
  };
  return {
    read: (path) => ask(`cat ${path}`),
    list: (path) =>
      (ask(`ls -p ${path}`) ?? '')
        .split('\n')
        .flatMap((line) => line.split('/')[5] ?? [])
        .filter((name) => name !== '' && name !== '.' && name !== '..')
        .sort(),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function debugfs(request: string, device: string): { stdout: string; stderr: string } {
  const ended = spawnSync('debugfs', ['-R', request, device], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  if (ended.error !== undefined) throw ended.error;
  return ended;
}
