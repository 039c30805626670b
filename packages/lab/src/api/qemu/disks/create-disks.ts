import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { printSize } from '../config/disk-size.js';
import {
  type Drive,
  isCloudInitDrive,
  parseAllocation,
  parseCloudInitAllocation,
  parseDrive,
  printDrive,
  withOptions,
} from '../config/drive.js';
import { copyLog, formattingLine, progressLog } from './copy-log.js';
import { drivesOf, isVolid } from './volume-access.js';

const cloudInitBytes = 4 * 2 ** 20;
const tpmBytes = 4 * 2 ** 20;
const firmwareBytes: Readonly<Record<string, number>> = { '2m': 128 * 2 ** 10, '4m': 528 * 2 ** 10 };

/** For whom disks are made. */
export interface DiskOwner {
  readonly lab: Lab;
  readonly node: string;
  readonly vmid: number;
  /** The guest's other drives: of a cloud-init drive there may be only one. */
  readonly existing: readonly ConfigSection[];
  readonly defaultStorage?: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes the disks that drive values ask for (allocations, imports, cloud-init drives) and reads the sizes of existing volumes.
 * On failure nothing that was made stays.
 *
 * @returns The values as they are stored, by key.
 */
export async function createDisks(owner: DiskOwner, values: ConfigSection): Promise<ConfigSection> {
  const created: string[] = [];
  const stored: ConfigSection = {};
  try {
    for (const drive of drivesOf(values)) {
      const result = await createDisk(owner, drive, created, stored);
      stored[drive.key] = printDrive(result);
    }
    return stored;
  } catch (error) {
    for (const volid of created) await owner.lab.storages.free(owner.node, volid);
    throw error;
  }
}

async function createDisk(
  owner: DiskOwner,
  drive: Drive,
  created: string[],
  stored: ConfigSection,
): Promise<Drive> {
  const { lab, node } = owner;
  if (drive.file === 'none' || drive.file === 'cdrom') return withOptions(drive, { size: undefined });
  const cloudInit = parseCloudInitAllocation(drive.file);
  if (cloudInit !== undefined) return createCloudInitDrive(owner, drive, cloudInit.storage, created, stored);
  const allocation = parseAllocation(drive.file);
  if (allocation !== undefined) {
    const storage = allocation.storage ?? owner.defaultStorage;
    if (storage === undefined) throw failure('no storage ID specified (and no default storage)');
    const source = drive.options['import-from'];
    const result =
      source === undefined
        ? await allocateDisk(owner, drive, storage, allocation.gib, created)
        : await importDisk(owner, drive, storage, source, created);
    owner.log(`${drive.key}: successfully created disk '${printDrive(result)}'`);
    return result;
  }
  if (!isVolid(drive.file)) return drive;
  const { storage } = lab.storages.parse(drive.file);
  lab.storages.checkEnabled(storage, node);
  const volume = lab.storages.volume(node, drive.file);
  if (volume === undefined) throw failure(`volume '${drive.file}' does not exist`);
  // The cloud-init drive of an unchanged value keeps what it says about itself.
  const size = isCloudInitDrive(drive) ? drive.options.size : printSize(volume.sizeBytes);
  return withOptions(drive, { size, format: undefined });
}

async function createCloudInitDrive(
  owner: DiskOwner,
  drive: Drive,
  wanted: string | undefined,
  created: string[],
  stored: ConfigSection,
): Promise<Drive> {
  const { lab, node, vmid } = owner;
  const storage = wanted ?? owner.defaultStorage;
  if (storage === undefined) throw failure('no storage ID specified (and no default storage)');
  for (const section of [...owner.existing, stored]) {
    const other = Object.keys(section).find((key) => {
      if (key === drive.key) return false;
      const candidate = parseDrive(key, section[key] ?? '');
      return candidate !== undefined && /^(ide|sata|scsi)\d+$/.test(key) && isCloudInitDrive(candidate);
    });
    if (other !== undefined)
      throw failure(`${drive.key} - cloud-init drive is already attached at '${other}'`);
  }
  const entry = lab.storages.checkEnabled(storage, node);
  const format = drive.options.format ?? (entry.path === undefined ? 'raw' : 'qcow2');
  const name = entry.path === undefined ? `vm-${vmid}-cloudinit` : `vm-${vmid}-cloudinit.${format}`;
  const volid = await lab.storages.allocate({ node, storage, vmid, format, name, sizeBytes: cloudInitBytes });
  created.push(volid);
  owner.log(formattingLine(lab.storages.path(node, volid), format, cloudInitBytes));
  const result = withOptions(drive, { media: 'cdrom', format: undefined }, volid);
  owner.log(`${drive.key}: successfully created disk '${printDrive(result)}'`);
  return result;
}

async function allocateDisk(
  owner: DiskOwner,
  drive: Drive,
  storage: string,
  gib: number,
  created: string[],
): Promise<Drive> {
  const { lab, node, vmid } = owner;
  lab.storages.checkEnabled(storage, node);
  const firmware = drive.key === 'efidisk0';
  const sizeBytes = firmware
    ? (firmwareBytes[drive.options.efitype ?? '2m'] ?? 0)
    : drive.key === 'tpmstate0'
      ? tpmBytes
      : Math.ceil(gib * 2 ** 20) * 2 ** 10;
  const format = lab.storages.imageFormat(storage, drive.key === 'tpmstate0' ? 'raw' : drive.options.format);
  const volid = await lab.storages.allocate({ node, storage, vmid, format, sizeBytes });
  created.push(volid);
  owner.log(formattingLine(lab.storages.path(node, volid), format, sizeBytes));
  if (firmware) {
    const progress = progressLog(sizeBytes, owner.log);
    progress(0);
    progress(1);
  }
  return withOptions(drive, { size: printSize(sizeBytes), format: undefined }, volid);
}

async function importDisk(
  owner: DiskOwner,
  drive: Drive,
  storage: string,
  source: string,
  created: string[],
): Promise<Drive> {
  const { lab, node, vmid } = owner;
  lab.storages.checkEnabled(storage, node);
  const imported = isVolid(source);
  const volume = imported ? lab.storages.volume(node, source) : undefined;
  if (imported && volume === undefined) throw failure(`failed to stat '${lab.storages.path(node, source)}'`);
  const facts = imported ? await lab.runtime.disks.inspect(lab.storages.file(node, source)) : undefined;
  const sourceFormat = volume?.format;
  const format = lab.storages.imageFormat(
    storage,
    drive.options.format ?? (sourceFormat === undefined ? undefined : sourceFormat),
  );
  if (volume !== undefined) {
    owner.log(
      volume.content === 'images'
        ? `create full clone of drive ${drive.key} (${source})`
        : `create full clone of drive (${source})`,
    );
  }
  const size = facts?.sizeBytes ?? volume?.sizeBytes ?? 0;
  const report = copyLog({ lab, node, vmid, format, sizeBytes: size, log: owner.log });
  const volid = await lab.storages.copy(imported ? { volid: source } : { path: source }, {
    node,
    storage,
    vmid,
    format,
    progress: report.progress,
    ...(owner.signal && { signal: owner.signal }),
  });
  created.push(volid);
  const sizeBytes = lab.storages.volume(node, volid)?.sizeBytes ?? size;
  report.announce();
  if (imported && lab.release === '9.2') owner.log(`allocated target volume '${volid}'`);
  return withOptions(
    drive,
    { 'import-from': undefined, format: undefined, size: printSize(sizeBytes) },
    volid,
  );
}
