import type { Lab } from '../../../lab.js';
import { printSize } from '../config/disk-size.js';
import { type Drive, isCloudInitDrive, withOptions } from '../config/drive.js';
import { copyLog, formattingLine, readableSize } from './copy-log.js';

/** Where a copy of a drive goes. */
export interface DriveCopyTarget {
  readonly node: string;
  readonly vmid: number;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Volumes that were made are entered here, so that the caller can free them if the whole fails. */
  readonly made: string[];
}

/** How a drive is copied. */
export interface DriveCopy {
  readonly full: boolean;
  readonly snapname?: string | undefined;
  readonly storage?: string | undefined;
  readonly format?: string | undefined;
  readonly running: boolean;
}

const cloudInitBytes = 4 * 2 ** 20;

/** Copies a drive in full, or as a linked clone of its base image. A cloud-init drive becomes a new empty one. */
export async function copyDrive(
  lab: Lab,
  target: DriveCopyTarget,
  drive: Drive,
  how: DriveCopy,
): Promise<Drive> {
  if (!how.full && !isCloudInitDrive(drive)) return linkDrive(lab, target, drive, how);
  const { node, vmid, log } = target;
  log(`create full clone of drive ${drive.key} (${drive.file})`);
  const source = lab.storages.parse(drive.file);
  const storage = how.storage ?? source.storage;
  lab.storages.checkEnabled(storage, node);
  if (isCloudInitDrive(drive)) return emptyCloudInit(lab, target, drive, storage);
  const format = lab.storages.imageFormat(storage, how.format ?? source.format);
  const sizeBytes = lab.storages.volume(node, drive.file)?.sizeBytes ?? 0;
  const report = copyLog({ lab, node, vmid, format, sizeBytes, log });
  const volid = await lab.storages.copy(
    { volid: drive.file },
    {
      node,
      storage,
      vmid,
      format,
      ...(how.snapname !== undefined && { snapshot: how.snapname }),
      ...(!how.running && { progress: report.progress }),
      ...(target.signal && { signal: target.signal }),
    },
  );
  target.made.push(volid);
  report.announce();
  if (lab.release === '9.2') log(`allocated target volume '${volid}'`);
  if (how.running) {
    log(`drive mirror is starting for drive-${drive.key}`);
    const job = `${lab.release === '9.2' ? 'mirror' : 'drive'}-${drive.key}`;
    const size = readableSize(sizeBytes);
    log(`${job}: transferred 0.0 B of ${size} (0.00%) in 0s`);
    log(`${job}: transferred ${size} of ${size} (100.00%) in 1s, ready`);
  }
  return withOptions(
    drive,
    { size: printSize(lab.storages.volume(node, volid)?.sizeBytes ?? sizeBytes), format: undefined },
    volid,
  );
}

async function emptyCloudInit(
  lab: Lab,
  target: DriveCopyTarget,
  drive: Drive,
  storage: string,
): Promise<Drive> {
  const { node, vmid, log } = target;
  const directory = lab.storages.entry(storage).path !== undefined;
  const format = directory ? 'qcow2' : 'raw';
  const name = directory ? `vm-${vmid}-cloudinit.qcow2` : `vm-${vmid}-cloudinit`;
  const volid = await lab.storages.allocate({ node, storage, vmid, format, name, sizeBytes: cloudInitBytes });
  target.made.push(volid);
  log(formattingLine(lab.storages.path(node, volid), format, cloudInitBytes));
  if (lab.release === '9.2') log(`allocated target volume '${volid}'`);
  return withOptions(drive, { size: printSize(cloudInitBytes), format: undefined }, volid);
}

async function linkDrive(lab: Lab, target: DriveCopyTarget, drive: Drive, how: DriveCopy): Promise<Drive> {
  const { node, vmid, log } = target;
  log(`create linked clone of drive ${drive.key} (${drive.file})`);
  const base = lab.storages.parse(drive.file);
  const volid = await lab.storages.cloneLinked(node, drive.file, vmid, how.snapname);
  target.made.push(volid);
  const { name, format } = lab.storages.parse(volid);
  const sizeBytes = lab.storages.volume(node, volid)?.sizeBytes ?? 0;
  const basePath = `../${base.vmid}/${base.name}`;
  log(`clone ${base.volname}: images, ${name}, ${vmid} to ${name} (base=${basePath})`);
  log(
    formattingLine(lab.storages.path(node, volid), format, sizeBytes, {
      path: basePath,
      format: base.format,
    }),
  );
  return withOptions(drive, { size: printSize(sizeBytes) }, volid);
}
