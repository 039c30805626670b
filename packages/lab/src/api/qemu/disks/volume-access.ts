import type { Caller } from '../../../access/access.js';
import { badParameter, failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { ParsedVolid } from '../../../storage/storages.js';
import { type Drive, driveKeys, isCdrom, parseAllocation, parseDrive } from '../config/drive.js';

/** Is it a volume id (`STORAGE:…`) at all? */
export function isVolid(text: string): boolean {
  return /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i.test(text);
}

/** The drives among these values, in PVE's order. @throws PveError 400 `unable to parse drive options`. */
export function drivesOf(values: ConfigSection): Drive[] {
  const drives: Drive[] = [];
  for (const key of driveKeys) {
    const text = values[key];
    if (text === undefined) continue;
    const drive = parseDrive(key, text);
    if (drive === undefined) throw badParameter(key, 'unable to parse drive options');
    drives.push(drive);
  }
  return drives;
}

/**
 * May the caller use this volume for this guest (PVE/Storage.pm, check_volume_access)?
 * @throws PveError 403 or 500 with PVE's text.
 */
export function checkVolumeAccess(
  lab: Lab,
  caller: Caller,
  vmid: number,
  volid: string,
): ParsedVolid | undefined {
  if (!isVolid(volid)) {
    if (!caller.isRoot)
      throw failure(
        'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 581.',
      );
    return undefined;
  }
  const volume = lab.storages.parse(volid);
  const path = `/storage/${volume.storage}`;
  if (caller.isRoot || lab.access.has(caller, path, ['Datastore.Allocate'])) return volume;
  if (volume.content === 'iso' || volume.content === 'vztmpl' || volume.content === 'import') {
    lab.access.check(caller, path, ['Datastore.AllocateSpace', 'Datastore.Audit'], true);
  } else if (volume.vmid === vmid) {
    return volume;
  } else if (volume.content === 'backup' && volume.vmid !== undefined) {
    lab.access.check(caller, path, ['Datastore.AllocateSpace']);
    lab.access.check(caller, `/vms/${volume.vmid}`, ['VM.Backup']);
  } else if (volume.vmid !== undefined) {
    lab.access.check(caller, path, ['Datastore.Audit']);
    lab.access.check(caller, `/vms/${volume.vmid}`, ['VM.Config.Disk']);
  } else throw failure(`missing privileges to access ${volid}`);
  return volume;
}

/**
 * Checks every drive among the values before anything is done: privileges, content types, sources of imports (API2/Qemu.pm, check_storage_access).
 *
 * @param defaultStorage The storage of allocations that name none.
 */
export function checkStorageAccess(
  lab: Lab,
  caller: Caller,
  vmid: number,
  values: ConfigSection,
  defaultStorage?: string,
): void {
  for (const drive of drivesOf(values)) {
    checkDriveFile(lab, caller, vmid, drive, defaultStorage);
    checkImportSource(lab, caller, vmid, drive);
  }
  if (values.vmstatestorage !== undefined)
    lab.access.check(caller, `/storage/${values.vmstatestorage}`, ['Datastore.AllocateSpace']);
}

function checkDriveFile(
  lab: Lab,
  caller: Caller,
  vmid: number,
  drive: Drive,
  defaultStorage: string | undefined,
): void {
  const { file, key } = drive;
  if (file === 'none' || /^(?:[^/:\s]+:)?cloudinit$/.test(file)) return;
  if (isCdrom(drive) && file === 'cdrom') {
    lab.access.check(caller, '/', ['Sys.Console']);
    return;
  }
  const allocation = isCdrom(drive) ? undefined : parseAllocation(file);
  if (allocation !== undefined) {
    const storage = allocation.storage ?? defaultStorage;
    if (storage === undefined) throw failure('no storage ID specified (and no default storage)');
    lab.access.check(caller, `/storage/${storage}`, ['Datastore.AllocateSpace']);
    lab.storages.entry(storage);
    if (!lab.storages.hasContent(storage, 'images'))
      throw badParameter('storage', `storage '${storage}' does not support vm images`);
    return;
  }
  const volume = checkVolumeAccess(lab, caller, vmid, file);
  if (volume === undefined) return;
  if (volume.content !== 'images' && volume.content !== 'iso')
    throw badParameter(key, "content type needs to be 'images' or 'iso'");
  if (volume.content === 'iso' && !isCdrom(drive))
    throw badParameter(key, "explicit 'media=cdrom' is required for iso images");
}

function checkImportSource(lab: Lab, caller: Caller, vmid: number, drive: Drive): void {
  const source = drive.options['import-from'];
  if (source === undefined) return;
  if (isVolid(source)) {
    const volume = lab.storages.parse(source);
    if (volume.content !== 'images' && volume.content !== 'import') {
      throw badParameter(
        drive.key,
        `${source} has wrong type '${volume.content}' - needs to be 'images' or 'import'`,
      );
    }
    if (volume.content === 'images' && volume.vmid !== undefined) {
      lab.access.check(caller, `/vms/${volume.vmid}`, ['VM.Clone']);
      return;
    }
  }
  checkVolumeAccess(lab, caller, vmid, source);
}

/**
 * The syntax of drives that are to be created (API2/Qemu.pm, check_drive_param): imports need size 0, firmware and TPM disks their keys.
 * @throws PveError 400.
 */
export function checkDriveSyntax(values: ConfigSection): void {
  for (const drive of drivesOf(values)) {
    if (drive.options['import-from'] === undefined) continue;
    if (parseAllocation(drive.file)?.gib !== 0) {
      throw badParameter(
        drive.key,
        "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
      );
    }
    const needed =
      drive.key === 'efidisk0'
        ? ['efitype', 'pre-enrolled-keys']
        : drive.key === 'tpmstate0'
          ? ['version']
          : [];
    for (const name of needed) {
      if (drive.options[name] === undefined)
        throw badParameter(drive.key, `need to specify '${name}' when using 'import-from'`);
    }
  }
}
