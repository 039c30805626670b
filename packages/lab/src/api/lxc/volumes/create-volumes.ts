import { badParameter } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { printSize } from '../../qemu/config/disk-size.js';
import { formattingLine } from '../../qemu/disks/copy-log.js';
import { volumeKeysOf } from '../config/container-keys.js';
import { parseMountPoint, parseVolumeAllocation, printMountPoint } from '../config/mount-point.js';

/** For whom volumes are made. */
export interface VolumeOwner {
  readonly lab: Lab;
  readonly node: string;
  readonly vmid: number;
  readonly log: (line: string) => void;
}

/**
 * Makes the volumes that these values ask for (`local:8`); on a directory storage a size that rounds to nothing makes a directory without quota
 * (LXC.pm, create_disks). On failure nothing that was made stays.
 *
 * @returns The values as they are stored, by key.
 */
export async function createVolumes(owner: VolumeOwner, values: ConfigSection): Promise<ConfigSection> {
  const { lab, node } = owner;
  const created: string[] = [];
  const stored: ConfigSection = {};
  try {
    for (const key of volumeKeysOf(values)) {
      const point = parseMountPoint(values[key] ?? '');
      const allocation = parseVolumeAllocation(point.volume);
      if (allocation === undefined) {
        stored[key] = values[key] ?? '';
        continue;
      }
      const sizeBytes = Math.floor(allocation.gib * 1024) * 2 ** 20;
      const volume = await createVolume(owner, allocation.storage, sizeBytes);
      created.push(volume);
      const size = sizeBytes === 0 ? '0T' : printSize(sizeBytes);
      stored[key] = printMountPoint({ ...point, volume, options: { ...point.options, size } });
    }
    return stored;
  } catch (error) {
    for (const volid of created) await lab.storages.free(node, volid);
    throw error;
  }
}

/** An empty file system of a container. Size 0 makes a directory. */
export async function createVolume(
  { lab, node, vmid, log }: VolumeOwner,
  storage: string,
  sizeBytes: number,
): Promise<string> {
  lab.storages.checkEnabled(storage, node);
  const onFiles = lab.storages.entry(storage).path !== undefined;
  const format = sizeBytes === 0 && onFiles ? 'subvol' : 'raw';
  const volid = await lab.storages.allocate({ node, storage, vmid, format, sizeBytes });
  if (format === 'raw') {
    log(formattingLine(lab.storages.path(node, volid), format, sizeBytes));
    for (const line of mkfsLines(sizeBytes, lab.uuid())) log(line);
  }
  return volid;
}

/** @throws PveError 400 when the storage holds no container directories; 500 or 403 as PVE. */
export function checkContainerStorage(lab: Lab, node: string, storage: string): void {
  lab.storages.checkEnabled(storage, node);
  if (!lab.storages.hasContent(storage, 'rootdir')) {
    throw badParameter('storage', `storage '${storage}' does not support container directories`);
  }
}

/** What mkfs.ext4 prints. */
function mkfsLines(sizeBytes: number, uuid: string): string[] {
  const blockBytes = sizeBytes < 512 * 2 ** 20 ? 1024 : 4096;
  const blocks = Math.floor(sizeBytes / blockBytes);
  const perGroup = blockBytes * 8;
  const backups: number[] = [];
  for (const group of [1, 3, 5, 7, 9, 25, 27, 49, 81]) {
    const block = group * perGroup + (blockBytes === 1024 ? 1 : 0);
    if (block < blocks) backups.push(block);
  }
  return [
    `Creating filesystem with ${blocks} ${blockBytes / 1024}k blocks and ${Math.max(16, Math.floor(sizeBytes / (blockBytes === 1024 ? 4096 : 16384)))} inodes`,
    `Filesystem UUID: ${uuid}`,
    'Superblock backups stored on blocks: ',
    `\t${backups.join(', ')}`,
  ];
}
