import type { DiskFile, DiskFormat, DiskImages } from '../guests/guest-runtime.js';
import { failure } from '../http/pve-error.js';
import type { LabState, StorageEntry, VolumeRecord } from '../state/lab-state.js';
import type { FileStore } from './file-store.js';
import type { ImageTarget, ParsedVolid, Storages } from './storages.js';
import { CONTENT_DIRECTORIES, parseVolname, splitVolid } from './volume-name.js';

const IMAGE_FORMATS: readonly string[] = ['raw', 'qcow2', 'vmdk', 'subvol'];

/** Where a storage keeps its files when its configuration does not say (`/var/lib/vz` is PVE's own default for `local`). */
function rootOf(id: string, entry: StorageEntry): string {
  return entry.path ?? (id === 'local' ? '/var/lib/vz' : `/mnt/pve/${id}`);
}

/** The storages of a state over a file store and a runtime's disk images. All kinds of storage keep files as a directory storage does. */
export function createStorages(
  state: LabState,
  files: FileStore,
  disks: DiskImages,
  options: { nowMs: () => number; contentsInImages: boolean },
): Storages {
  const entry = (id: string): StorageEntry => {
    const found = state.storages[id];
    if (found === undefined) throw failure(`storage '${id}' does not exist`);
    return found;
  };
  const placeOf = (id: string, node: string) => (entry(id).shared === true ? '' : node);
  const keyOf = (node: string, volid: string) => `${placeOf(splitVolid(volid).storage, node)}/${volid}`;
  const parse = (volid: string): ParsedVolid => {
    const { storage, volname } = splitVolid(volid);
    entry(storage);
    return parseVolname(storage, volname);
  };
  const file = (node: string, volid: string): DiskFile => {
    const parsed = parse(volid);
    const storage = entry(parsed.storage);
    const directory = CONTENT_DIRECTORIES[parsed.content];
    const within = parsed.content === 'images' ? `${parsed.vmid}/${parsed.name}` : parsed.name;
    return {
      node: placeOf(parsed.storage, node),
      path: `${rootOf(parsed.storage, storage)}/${directory}/${within}`,
      format: diskFormat(parsed.format),
    };
  };
  const volume = (node: string, volid: string): VolumeRecord | undefined => {
    const { storage } = splitVolid(volid);
    return state.storages[storage] === undefined ? undefined : state.volumes[keyOf(node, volid)];
  };
  const volumes: Storages['volumes'] = (node, filter = {}) =>
    Object.values(state.volumes)
      .filter((record) => {
        const storage = state.storages[record.storage];
        if (storage === undefined || record.node !== (storage.shared === true ? '' : node)) return false;
        if (filter.storage !== undefined && record.storage !== filter.storage) return false;
        if (filter.content !== undefined && record.content !== filter.content) return false;
        return filter.vmid === undefined || record.vmid === filter.vmid;
      })
      .sort((a, b) => (a.volid < b.volid ? -1 : 1));
  const freeName = (node: string, storage: string, vmid: number, format: string): string => {
    const taken = new Set<number>();
    const pattern = new RegExp(`(?:vm|base|subvol|basevol)-${vmid}-disk-(\\d+)`);
    for (const record of volumes(node, { storage })) {
      const found = pattern.exec(record.volid);
      if (found !== null) taken.add(Number(found[1]));
    }
    let number = 0;
    while (taken.has(number)) number += 1;
    return `${format === 'subvol' ? 'subvol' : 'vm'}-${vmid}-disk-${number}.${format}`;
  };
  const record = async (node: string, volid: string, extra: Partial<VolumeRecord> = {}): Promise<void> => {
    const parsed = parse(volid);
    const facts = await disks.inspect(file(node, volid));
    const place = placeOf(parsed.storage, node);
    const key = keyOf(node, volid);
    state.volumes[key] = {
      ...(state.volumes[key] ?? {}),
      volid,
      storage: parsed.storage,
      node: place,
      content: state.guests[String(parsed.vmid)]?.kind === 'lxc' ? 'rootdir' : parsed.content,
      format: parsed.format,
      sizeBytes: facts?.sizeBytes ?? 0,
      usedBytes: facts?.usedBytes ?? 0,
      ctime: Math.floor(options.nowMs() / 1000),
      ...(parsed.vmid === undefined ? {} : { vmid: parsed.vmid }),
      ...extra,
    };
  };
  const imageFormat: Storages['imageFormat'] = (id, wanted) => {
    const chosen = wanted ?? entry(id).options.format ?? 'raw';
    return IMAGE_FORMATS.includes(chosen) ? diskFormat(chosen) : 'raw';
  };
  const newVolid = (target: ImageTarget): string => {
    const format = target.name?.split('.').at(-1) ?? imageFormat(target.storage, target.format);
    const name = target.name ?? freeName(target.node, target.storage, target.vmid, format);
    const volid = `${target.storage}:${target.vmid}/${name}`;
    parse(volid);
    if (volume(target.node, volid) !== undefined) {
      throw failure(`disk image '${file(target.node, volid).path}' already exists`);
    }
    return volid;
  };
  /** Takes a name before the image is there, so that two workers never draw the same one; gives it back when making the image fails. */
  const reserved = async (
    target: ImageTarget,
    make: (volid: string) => Promise<void>,
    extra: Partial<VolumeRecord> = {},
  ): Promise<string> => {
    const volid = newVolid(target);
    await reserve(target.node, volid, () => make(volid), extra);
    return volid;
  };
  const reserve = async (
    node: string,
    volid: string,
    make: () => Promise<void>,
    extra: Partial<VolumeRecord> = {},
  ): Promise<void> => {
    const key = keyOf(node, volid);
    const parsed = parse(volid);
    state.volumes[key] = {
      volid,
      storage: parsed.storage,
      node: placeOf(parsed.storage, node),
      content: parsed.content,
      format: parsed.format,
      sizeBytes: 0,
      usedBytes: 0,
      ctime: Math.floor(options.nowMs() / 1000),
      ...(parsed.vmid === undefined ? {} : { vmid: parsed.vmid }),
    };
    try {
      await make();
      await record(node, volid, extra);
    } catch (error) {
      delete state.volumes[key];
      await disks.remove(file(node, volid)).catch(() => {});
      throw error;
    }
  };
  const renamed = async (node: string, from: string, to: string): Promise<void> => {
    const before = volume(node, from);
    await disks.rename(file(node, from), file(node, to));
    if (
      !options.contentsInImages &&
      (await files.stat(file(node, from).node, file(node, from).path)) !== undefined
    ) {
      await files.rename(file(node, from).node, file(node, from).path, file(node, to).path);
    }
    delete state.volumes[keyOf(node, from)];
    await record(node, to, before?.parent === undefined ? {} : { parent: before.parent });
  };
  const clonesOf = (node: string, volid: string): readonly string[] => {
    const parsed = parse(volid);
    return volumes(node, { storage: parsed.storage })
      .filter((other) => other.parent === volid)
      .map((other) => other.volid);
  };

  return {
    entry,
    parse,
    file,
    volume,
    volumes,
    imageFormat,
    clonesOf,
    checkEnabled: (id, node) => {
      const found = entry(id);
      if (found.disable === true) throw failure(`storage '${id}' is disabled`);
      if (found.nodes !== undefined && !found.nodes.includes(node))
        throw failure(`storage '${id}' is not available on node '${node}'`);
      return found;
    },
    enabledOn: (node) =>
      Object.entries(state.storages)
        .filter(
          ([, found]) => found.disable !== true && (found.nodes === undefined || found.nodes.includes(node)),
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    hasContent: (id, content) => entry(id).content.split(',').includes(content),
    path: (node, volid) => file(node, volid).path,
    volidOfPath: (node, path) => {
      for (const [id, found] of Object.entries(state.storages)) {
        const root = rootOf(id, found);
        if (!path.startsWith(`${root}/`)) continue;
        for (const known of volumes(node, { storage: id }))
          if (file(node, known.volid).path === path) return known.volid;
      }
      return undefined;
    },
    allocate: (target) =>
      reserved(target, (volid) => disks.create(file(target.node, volid), target.sizeBytes)),
    writeImage: async (node, volid, bytes) => {
      const target = file(node, volid);
      if (options.contentsInImages) {
        const source = { ...target, path: `${target.path}.new`, format: 'raw' as const };
        await files.write(target.node, source.path, bytes);
        await disks.copy(source, target, {});
        await files.remove(target.node, source.path);
      } else {
        await files.write(target.node, target.path, bytes);
      }
    },
    readFile: (node, volid) => files.read(file(node, volid).node, file(node, volid).path),
    copy: (source, target) => {
      const from =
        'volid' in source
          ? file(target.node, source.volid)
          : { node: target.node, path: source.path, format: formatOfPath(source.path) };
      return reserved(target, async (volid) => {
        const { snapshot, progress, signal } = target;
        await disks.copy(from, file(target.node, volid), {
          ...(snapshot === undefined ? {} : { snapshot }),
          ...(progress === undefined ? {} : { progress }),
          ...(signal === undefined ? {} : { signal }),
        });
        const bytes = options.contentsInImages
          ? undefined
          : await files.read(from.node, from.path).catch(() => undefined);
        if (bytes !== undefined && isSmallImage(volid))
          await files.write(file(target.node, volid).node, file(target.node, volid).path, bytes);
      });
    },
    cloneLinked: async (node, volid, vmid, snapshot) => {
      const parsed = parse(volid);
      if (!parsed.isBase) throw failure('clone_image only works on base images');
      if (snapshot !== undefined) throw failure('this storage type does not support clone_image on snapshot');
      const name = freeName(node, parsed.storage, vmid, 'qcow2');
      const clone = `${parsed.storage}:${parsed.vmid}/${parsed.name}/${vmid}/${name}`;
      const base = parsed.base === undefined ? volid : `${parsed.storage}:${parsed.vmid}/${parsed.name}`;
      await reserve(node, clone, () => disks.cloneLinked(file(node, volid), file(node, clone)), {
        parent: base,
      });
      return clone;
    },
    createBase: async (node, volid) => {
      const parsed = parse(volid);
      if (parsed.isBase) throw failure('create_base not possible with base image');
      const name = parsed.name.replace(/^vm-/, 'base-').replace(/^subvol-/, 'basevol-');
      const prefix = parsed.base === undefined ? '' : `${parsed.base.vmid}/${parsed.base.name}/`;
      const base = `${parsed.storage}:${prefix}${parsed.vmid}/${name}`;
      await renamed(node, volid, base);
      return base;
    },
    reassign: async (node, volid, vmid) => {
      const parsed = parse(volid);
      const prefix = parsed.base === undefined ? '' : `${parsed.base.vmid}/${parsed.base.name}/`;
      const moved = `${parsed.storage}:${prefix}${vmid}/${freeName(node, parsed.storage, vmid, parsed.format)}`;
      await renamed(node, volid, moved);
      return moved;
    },
    free: async (node, volid) => {
      const parsed = parse(volid);
      if (parsed.isBase && clonesOf(node, volid).length > 0) {
        throw failure(`base volume '${parsed.volname}' is still in use by linked cloned`);
      }
      const target = file(node, volid);
      delete state.volumes[keyOf(node, volid)];
      if (parsed.content === 'images') await disks.remove(target);
      await files.remove(target.node, target.path);
    },
    resize: async (node, volid, sizeBytes) => {
      await disks.resize(file(node, volid), sizeBytes);
      await record(node, volid);
    },
    recordSize: (node, volid, sizeBytes) => {
      const known = volume(node, volid);
      if (known !== undefined) known.sizeBytes = sizeBytes;
    },
    snapshot: (node, volid, name) => disks.snapshot(file(node, volid), name),
    deleteSnapshot: (node, volid, name) => disks.deleteSnapshot(file(node, volid), name),
    rollback: (node, volid, name) => disks.rollback(file(node, volid), name),
    has: (node, volid, feature, { snapshot } = {}) => {
      const parsed = parse(volid);
      if (state.storages[parsed.storage] === undefined || node === '') return false;
      const condition = snapshot !== undefined ? 'snap' : parsed.isBase ? 'base' : 'current';
      // Volumes of containers on storages that make the snapshots themselves; machines' are files here, whatever the storage.
      const { type } = entry(parsed.storage);
      const ofContainer = state.guests[String(parsed.vmid)]?.kind === 'lxc';
      if (
        ofContainer &&
        !parsed.isBase &&
        SNAPSHOT_TYPES.has(type) &&
        (feature === 'snapshot' || feature === 'copy')
      )
        return true;
      return DIRECTORY_FEATURES[feature]?.[condition]?.includes(parsed.format) ?? false;
    },
  };
}

/** Types of storage whose volumes have snapshots whatever their format (pve-storage, volume_has_feature of each plugin). */
const SNAPSHOT_TYPES: ReadonlySet<string> = new Set(['btrfs', 'lvmthin', 'rbd', 'zfspool']);

/** Which formats of image can do what on a directory storage (pve-storage, PVE/Storage/Plugin.pm volume_has_feature). */
const DIRECTORY_FEATURES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  snapshot: { current: ['qcow2'], snap: ['qcow2'] },
  clone: { base: ['qcow2', 'raw', 'vmdk'] },
  template: { current: ['qcow2', 'raw', 'vmdk', 'subvol'] },
  copy: {
    base: ['qcow2', 'raw', 'vmdk', 'subvol'],
    current: ['qcow2', 'raw', 'vmdk', 'subvol'],
    snap: ['qcow2'],
  },
  sparseinit: { base: ['qcow2', 'raw', 'vmdk'], current: ['qcow2', 'raw', 'vmdk'] },
  rename: { current: ['qcow2', 'raw', 'vmdk'] },
};

function diskFormat(format: string): DiskFormat {
  return format === 'qcow2' || format === 'vmdk' || format === 'subvol' ? format : 'raw';
}

function formatOfPath(path: string): DiskFormat {
  return diskFormat(path.split('.').at(-1) ?? 'raw');
}

/** Images whose bytes the lab keeps although contents are simulated: cloud-init drives. */
function isSmallImage(volid: string): boolean {
  return /[/-]cloudinit\./.test(volid);
}
