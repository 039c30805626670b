import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, posix, relative } from 'node:path';
import { LabError } from '../../lab-error.js';
import type { FileStore } from '../../storage/file-store.js';
import type { DiskFacts, DiskFile, DiskImages } from '../guest-runtime.js';
import { runProgram } from './programs.js';

/** What `qemu-img info` prints, as far as it is used here. */
interface ImageInfo {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'actual-size': number;
  readonly 'backing-filename'?: string;
  readonly snapshots?: readonly { readonly name: string }[];
}

/** A running QEMU's way to do what only it may do with an image that it has open. */
export interface OpenImage {
  snapshot(name: string): Promise<void>;
  deleteSnapshot(name: string): Promise<void>;
  /** A consistent copy of the guest's view as a new image. */
  backup(target: string, format: string, progress?: (done: number) => void): Promise<void>;
}

/**
 * Disk images as real files, handled by `qemu-img`; an image that a running guest has open is handled by its QEMU. Linked clones name their base by a
 * relative path, as on a real node, so a state directory can be moved.
 *
 * @param openImage Yields the running QEMU that holds a file open.
 */
export function createQemuDisks(
  files: FileStore,
  openImage: (path: string) => OpenImage | undefined,
): DiskImages {
  const real = (disk: DiskFile): string => realPathOf(files, disk);
  const prepare = async (disk: DiskFile): Promise<string> => {
    const path = real(disk);
    await mkdir(dirname(path), { recursive: true });
    return path;
  };

  const inspect = async (disk: DiskFile): Promise<DiskFacts | undefined> => {
    const path = real(disk);
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) return undefined;
    if (facts.isDirectory()) return { format: 'subvol', sizeBytes: 0, usedBytes: 0, snapshots: [] };
    const info = await imageInfo(path);
    const format = info.format === 'qcow2' || info.format === 'vmdk' ? info.format : 'raw';
    const backing = info['backing-filename'];
    return {
      format,
      sizeBytes: info['virtual-size'],
      usedBytes: info['actual-size'],
      ...(backing === undefined ? {} : { backingPath: posix.resolve(posix.dirname(disk.path), backing) }),
      snapshots: info.snapshots?.map((snapshot) => snapshot.name) ?? [],
    };
  };

  return {
    inspect,
    create: async (disk, sizeBytes) => {
      const path = await prepare(disk);
      if (disk.format === 'subvol') await mkdir(path, { recursive: true });
      else await runProgram('qemu-img', ['create', '-q', '-f', disk.format, path, String(sizeBytes)]);
    },
    copy: async (from, to, options) => {
      const source = real(from);
      const target = await prepare(to);
      const running = options.snapshot === undefined ? openImage(source) : undefined;
      if (running !== undefined) return running.backup(target, to.format, options.progress);
      const { format } = await imageInfo(source);
      const snapshot = options.snapshot === undefined ? [] : ['-l', `snapshot.name=${options.snapshot}`];
      await runProgram(
        'qemu-img',
        ['convert', '-p', '-U', '-f', format, ...snapshot, '-O', to.format, source, target],
        {
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          onOutput: (text) => {
            const percent = /\(([\d.]+)\/100%\)[^(]*$/.exec(text)?.[1];
            if (percent !== undefined) options.progress?.(Number(percent) / 100);
          },
        },
      ).catch(async (error: unknown) => {
        await rm(target, { force: true });
        throw error;
      });
    },
    cloneLinked: async (base, to) => {
      const target = await prepare(to);
      const { format } = await imageInfo(real(base));
      const backing = relative(dirname(target), real(base));
      await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', backing, '-F', format, target]);
    },
    resize: async (disk, sizeBytes) => {
      await runProgram('qemu-img', ['resize', '-q', '-f', disk.format, real(disk), String(sizeBytes)]);
    },
    snapshot: async (disk, name) => {
      const running = openImage(real(disk));
      if (running !== undefined) await running.snapshot(name);
      else await runProgram('qemu-img', ['snapshot', '-c', name, real(disk)]);
    },
    deleteSnapshot: async (disk, name) => {
      const running = openImage(real(disk));
      if (running !== undefined) await running.deleteSnapshot(name);
      else await runProgram('qemu-img', ['snapshot', '-d', name, real(disk)]);
    },
    rollback: async (disk, name) => {
      await runProgram('qemu-img', ['snapshot', '-a', name, real(disk)]);
    },
    rename: async (from, to) => rename(real(from), await prepare(to)),
    remove: async (disk) => rm(real(disk), { force: true, recursive: disk.format === 'subvol' }),
  };
}

/** Where an image really lies. @throws LabError when the lab keeps its files in memory. */
export function realPathOf(files: FileStore, disk: DiskFile): string {
  const path = files.realPath(disk.node, disk.path);
  if (path === undefined) {
    throw new LabError('LAB_RUNTIME', 'real guests need files on disk, but this lab keeps them in memory', {
      hint: 'Start the lab with a state directory.',
    });
  }
  return path;
}

/** Facts of an image, also of one that a QEMU has open. */
export async function imageInfo(path: string): Promise<ImageInfo> {
  const info: ImageInfo = JSON.parse(await runProgram('qemu-img', ['info', '-U', '--output=json', path]));
  return info;
}
