import { parseProperties, printProperties } from '../../qemu/config/property-string.js';

/** A volume of a container: its root file system or a mount point. */
export interface MountPoint {
  /** A volume id, an allocation such as `local:8`, or a path of the node. */
  readonly volume: string;
  readonly type: 'volume' | 'bind' | 'device';
  /** `mp`, `size`, `backup`, `acl`, `ro` … as given. */
  readonly options: Readonly<Record<string, string>>;
}

/** Parses the value of `rootfs`, `mpN` or `unusedN`; its syntax has been verified before. */
export function parseMountPoint(text: string): MountPoint {
  const { volume = '', ...options } = parseProperties(text, 'volume');
  const type = volume.startsWith('/dev/') ? 'device' : volume.startsWith('/') ? 'bind' : 'volume';
  return { volume, type, options };
}

/** Prints it in PVE's canonical order: the volume, where it is mounted, then the other keys by name. */
export function printMountPoint(point: MountPoint): string {
  const { mp, ...rest } = point.options;
  const tail = printProperties(rest);
  return [point.volume, ...(mp === undefined ? [] : [`mp=${mp}`]), ...(tail === '' ? [] : [tail])].join(',');
}

/** The allocation that a volume asks for: `STORAGE:GIB`. */
export function parseVolumeAllocation(volume: string): { storage: string; gib: number } | undefined {
  const match = /^([^:\s]+):(\d+(?:\.\d+)?)$/.exec(volume);
  return match === null ? undefined : { storage: match[1] ?? '', gib: Number(match[2]) };
}
