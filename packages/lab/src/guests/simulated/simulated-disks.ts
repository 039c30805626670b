import { recognizeImage } from '../../storage/image-format.js';
import type { DiskFile, DiskImages, RuntimeHost } from '../guest-runtime.js';
import { type DiskRecord, readDiskRecord, toJson } from './disk-record.js';

const labelOffset = 4096;
/** No distribution fits on a smaller disk: such an image holds a minimal system. */
const smallestDistribution = 256 * 2 ** 20;

/** The key of a disk's record in the state. */
export function diskKey(disk: DiskFile): string {
  return `${disk.node}:${disk.path}`;
}

/**
 * Disk images as records in the state: sizes, snapshots, and the files that guests have changed. A copy of a disk has its files; a linked clone has a copy,
 * too (bases never change). Bytes exist only for images that were uploaded.
 */
export function createSimulatedDisks(host: RuntimeHost): DiskImages {
  const records = host.record.disks;
  const put = (disk: DiskFile, record: DiskRecord) => {
    Reflect.set(records, diskKey(disk), toJson(record));
  };
  const find = (disk: DiskFile) => readDiskRecord(records[diskKey(disk)]);
  const require = async (disk: DiskFile): Promise<DiskRecord> => {
    const record = find(disk) ?? (await readImage(host, disk));
    if (record === undefined)
      throw new Error(
        `qemu-img: Could not open '${disk.path}': Could not open '${disk.path}': No such file or directory`,
      );
    return record;
  };
  return {
    create: async (disk, sizeBytes) => {
      if (sizeBytes > 2 ** 53)
        throw new Error(
          `unable to create image: qemu-img: ${disk.path}: The image size is too large for file format '${disk.format}'`,
        );
      put(disk, { format: disk.format, sizeBytes, changes: {}, snapshots: {} });
    },
    copy: async (from, to, options) => {
      const source = await require(from);
      const state = options.snapshot === undefined ? source : source.snapshots[options.snapshot];
      if (state === undefined)
        throw new Error(`qemu-img: Could not open '${from.path}': Can't find snapshot`);
      options.progress?.(0);
      // Half a gibibyte a second, but an image of gibibytes is mostly holes; qemu-img tells nine times how far it is, an empty image at once.
      const steps =
        state.image === undefined
          ? [1, 1]
          : [...Array.from({ length: 9 }, (_, step) => (step + 1) * 0.110726), 1, 1];
      const stepMs =
        state.image === undefined ? 10 : Math.min(2000, state.sizeBytes / 2 ** 20) / steps.length;
      for (const done of steps) {
        await host.clock.sleep(stepMs, options.signal);
        if (options.signal?.aborted === true) throw new Error('interrupted by signal');
        options.progress?.(done);
      }
      put(to, {
        format: to.format,
        sizeBytes: state.sizeBytes,
        changes: { ...state.changes },
        snapshots: {},
        ...(state.image !== undefined && { image: state.image }),
        ...(source.filesystem !== undefined && { filesystem: source.filesystem }),
      });
    },
    cloneLinked: async (base, to) => {
      const source = await require(base);
      put(to, {
        format: 'qcow2',
        sizeBytes: source.sizeBytes,
        backingPath: base.path,
        changes: { ...source.changes },
        snapshots: {},
        ...(source.image !== undefined && { image: source.image }),
      });
    },
    resize: async (disk, sizeBytes) => {
      put(disk, { ...(await require(disk)), sizeBytes });
    },
    snapshot: async (disk, name) => {
      const record = await require(disk);
      const { sizeBytes, image, changes } = record;
      record.snapshots[name] = { sizeBytes, changes: { ...changes }, ...(image !== undefined && { image }) };
      put(disk, record);
    },
    deleteSnapshot: async (disk, name) => {
      const record = await require(disk);
      delete record.snapshots[name];
      put(disk, record);
    },
    rollback: async (disk, name) => {
      const record = await require(disk);
      const state = record.snapshots[name];
      if (state === undefined)
        throw new Error(`qemu-img: Could not apply snapshot '${name}': snapshot not found`);
      // The disk goes back; its size does not, as with qcow2 images since QEMU 8.
      put(disk, { ...record, sizeBytes: state.sizeBytes, changes: { ...state.changes } });
    },
    inspect: async (disk) => {
      const record = find(disk) ?? (await readImage(host, disk));
      if (record === undefined) return undefined;
      const stored = Object.values(record.changes).reduce(
        (sum, node) => sum + (node?.kind === 'file' ? node.content.length : 512),
        0,
      );
      return {
        format: record.format,
        sizeBytes: record.sizeBytes,
        usedBytes: Math.min(record.sizeBytes, 200_704 + Math.ceil(stored / 65_536) * 65_536),
        snapshots: Object.keys(record.snapshots),
        ...(record.backingPath !== undefined && { backingPath: record.backingPath }),
      };
    },
    rename: async (from, to) => {
      put(to, await require(from));
      Reflect.deleteProperty(records, diskKey(from));
    },
    remove: async (disk) => {
      Reflect.deleteProperty(records, diskKey(disk));
    },
  };
}

/** What an uploaded or downloaded image says about itself. */
async function readImage(host: RuntimeHost, disk: DiskFile): Promise<DiskRecord | undefined> {
  const facts = await host.files.stat(disk.node, disk.path);
  if (facts === undefined) return undefined;
  const length = Math.min(facts.sizeBytes, labelOffset + 256);
  const header = await host.files.read(disk.node, disk.path, { offset: 0, length });
  const kind = recognizeImage(header, facts.sizeBytes);
  const label = /^lab-image: (.+)\n/.exec(Buffer.from(header).subarray(labelOffset).toString('latin1'))?.[1];
  const image = label ?? (kind.sizeBytes < smallestDistribution ? 'minimal' : 'ubuntu 24.04');
  return {
    format: kind.format === 'vmdk' ? 'vmdk' : kind.format,
    sizeBytes: kind.sizeBytes,
    image,
    changes: {},
    snapshots: {},
  };
}
