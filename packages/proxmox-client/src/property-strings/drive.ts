import { DRIVE_SHAPE } from './property-shapes.js';
import { equalProperties, parsePropertyString, printPropertyString } from './property-string.js';

/**
 * A drive of a machine, under PVE's keys. `file` is a volume (`local:100/vm-100-disk-0.qcow2`, `local:iso/x.iso`), `none`, or what to
 * allocate: `STORAGE:GiB`, `STORAGE:0` with `import-from`, `STORAGE:cloudinit`.
 */
export interface Drive {
  readonly file: string;
  readonly media?: 'disk' | 'cdrom';
  /** Filled in by the server, for information: `32G`. */
  readonly size?: string;
  readonly 'import-from'?: string;
  readonly [key: string]: string | undefined;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no drive */
export function parseDrive(text: string): Drive {
  const { file = '', media, ...rest } = parsePropertyString(DRIVE_SHAPE, text);
  return { file, ...(media === 'disk' || media === 'cdrom' ? { media } : {}), ...rest };
}

/** Prints a drive as PVE takes it. @throws ProxmoxError PVE_PARAMETER for a value with a comma */
export function printDrive(drive: Drive): string {
  return printPropertyString(DRIVE_SHAPE, drive);
}

/** Whether a drive as declared is the drive as read: order does not count, nor do the size and format that the server owns. */
export function equalDrives(declared: string, actual: string): boolean {
  return equalProperties(
    DRIVE_SHAPE,
    parsePropertyString(DRIVE_SHAPE, declared),
    parsePropertyString(DRIVE_SHAPE, actual),
  );
}
