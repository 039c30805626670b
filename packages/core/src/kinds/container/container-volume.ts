import type { DeclaredContainer, DeclaredMountPoint } from '../../config/model.js';
import type { WireValue } from '../../observe/inventory.js';
import { parseDiskSize } from '../machine/machine-disk.js';
import { readProperties } from '../property-string.js';

/** A volume of a container as its configuration has it. */
export interface ContainerVolume {
  /** `rootfs` or `mp0`. */
  readonly slot: string;
  readonly volid: string;
  readonly bytes?: number;
}

/** Root file system and mount points, by slot. */
export function listContainerVolumes(
  config: Readonly<Record<string, WireValue>>,
): readonly ContainerVolume[] {
  return Object.keys(config)
    .filter((slot) => slot === 'rootfs' || /^mp\d+$/.test(slot))
    .sort()
    .map((slot) => {
      const properties = readProperties(String(config[slot]));
      const volid = properties.get('') ?? properties.get('volume') ?? '';
      const bytes = parseDiskSize(properties.get('size') ?? '-');
      return bytes === undefined || bytes === 0 ? { slot, volid } : { slot, volid, bytes };
    });
}

/** The value that makes a declared mount point: a new volume, one that exists, or a directory of the node. */
export function printMountPoint(point: DeclaredMountPoint, declared: DeclaredContainer): string {
  const source = point.source ?? `${point.storage ?? declared.storage ?? 'local'}:${point.sizeGib ?? 1}`;
  const parts = [
    source,
    `mp=${point.path}`,
    ...(point.backup === undefined ? [] : [`backup=${point.backup ? 1 : 0}`]),
    ...(point.readOnly === undefined ? [] : [`ro=${point.readOnly ? 1 : 0}`]),
    ...(point.options === undefined ? [] : [point.options]),
  ];
  return parts.join(',');
}
