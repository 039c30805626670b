import { type Properties, parseProperties, printProperties, propertyBoolean } from './property-string.js';

/** A drive of a guest, from its property string. */
export interface Drive {
  /** The config key: `scsi0`. */
  readonly key: string;
  /** A volume id, `none`, `cdrom`, an absolute path, or an allocation such as `local:32` before it is carried out. */
  readonly file: string;
  /** All other properties (`size`, `media`, `ssd` …), booleans as `1` or `0`. */
  readonly options: Readonly<Properties>;
}

const buses = [
  ['ide', 4],
  ['scsi', 31],
  ['virtio', 16],
  ['sata', 6],
] as const;

/** Keys that can be booted from, in the order in which PVE looks for the first disk. */
export const bootableDriveKeys: readonly string[] = buses.flatMap(([bus, count]) =>
  Array.from({ length: count }, (_, index) => `${bus}${index}`),
);

/** All keys that hold a drive. */
export const driveKeys: readonly string[] = [...bootableDriveKeys, 'efidisk0', 'tpmstate0'];

const driveKeySet = new Set(driveKeys);
const booleanOptions = new Set([
  'backup',
  'detect_zeroes',
  'iothread',
  'pre-enrolled-keys',
  'replicate',
  'ro',
  'scsiblock',
  'shared',
  'snapshot',
  'ssd',
]);

/** Is this config key a drive's? */
export function isDriveKey(key: string): boolean {
  return driveKeySet.has(key);
}

/** Parses the value of a drive key or of an `unusedN`; undefined for combinations that PVE refuses as `unable to parse drive options`. */
export function parseDrive(key: string, text: string): Drive | undefined {
  const { file, volume, ...options } = parseProperties(text, 'file');
  const source = file ?? volume;
  if (source === undefined) return undefined;
  if (
    options.media === 'cdrom' &&
    (options.format !== undefined || options.snapshot !== undefined || key.startsWith('virtio'))
  )
    return undefined;
  for (const name of Object.keys(options)) {
    const flag = booleanOptions.has(name) ? propertyBoolean(options[name]) : undefined;
    if (flag !== undefined) options[name] = flag ? '1' : '0';
  }
  return { key, file: source, options };
}

/** Prints a drive in PVE's canonical order. */
export function printDrive(drive: Drive): string {
  return printProperties({ ...drive.options, file: drive.file }, 'file');
}

/** A copy of the drive with changed options; an undefined value takes an option away. */
export function withOptions(
  drive: Drive,
  changes: Readonly<Record<string, string | undefined>>,
  file = drive.file,
): Drive {
  const options: Properties = {};
  for (const [name, value] of Object.entries({ ...drive.options, ...changes })) {
    if (value !== undefined) options[name] = value;
  }
  return { key: drive.key, file, options };
}

/** Is it the drive that PVE writes its cloud-init data to? PVE tells it by its name. */
export function isCloudInitDrive(drive: Drive): boolean {
  return /[:/](vm-\d+-)?cloudinit(\.(raw|qcow2))?$/.test(drive.file);
}

/** Is it a CD-ROM drive (a cloud-init drive is one, too)? */
export function isCdrom(drive: Drive): boolean {
  return drive.options.media === 'cdrom' || isCloudInitDrive(drive);
}

/** The allocation that a file part asks for: `STORAGE:GIB`, where the storage may be left out. */
export function parseAllocation(file: string): { storage: string | undefined; gib: number } | undefined {
  const match = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/.exec(file);
  return match === null ? undefined : { storage: match[1], gib: Number(match[2]) };
}

/** The storage of `STORAGE:cloudinit`; undefined when the drive is none such. */
export function parseCloudInitAllocation(file: string): { storage: string | undefined } | undefined {
  const match = /^(?:([^/:\s]+):)?cloudinit$/.exec(file);
  return match === null ? undefined : { storage: match[1] };
}
