import type { Lab } from '../../../lab.js';
import type { ConfigSection, GuestConfig } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { type Drive, isCdrom, isCloudInitDrive, isDriveKey, parseDrive } from './drive.js';

/** Makes sure that a used volume is not listed as unused, as PVE does with each write of the file. */
export function tidyUnused(config: GuestConfig): void {
  const used = new Set<string>();
  for (const section of [config.main, config.pending]) {
    for (const [key, value] of Object.entries(section)) {
      if (isDriveKey(key)) used.add(parseDrive(key, value)?.file ?? '');
    }
  }
  for (const key of Object.keys(config.main)) {
    if (/^unused\d+$/.test(key) && used.has(parseDrive(key, config.main[key] ?? '')?.file ?? ''))
      delete config.main[key];
  }
}

/** Does the guest own this volume? */
export function ownsVolume(lab: Lab, vmid: number, volid: string): boolean {
  if (!volid.includes(':')) return false;
  try {
    return lab.storages.parse(volid).vmid === vmid;
  } catch {
    return false;
  }
}

/** Enters a volume under the lowest free `unusedN`, unless it is listed already. */
export function addUnused(main: ConfigSection, volid: string): void {
  let free: string | undefined;
  for (let index = 0; index < 256; index += 1) {
    const key = `unused${index}`;
    if (main[key] === volid) return;
    if (main[key] === undefined) free ??= key;
  }
  if (free !== undefined) main[free] = volid;
}

/** What happens to a drive's volume when the drive goes: an own disk becomes unused, a cloud-init drive is freed. */
export async function registerUnused(lab: Lab, guest: GuestRecord, drive: Drive | undefined): Promise<void> {
  if (drive === undefined) return;
  if (isCloudInitDrive(drive)) {
    guest.config.cloudinit = {};
    if (lab.storages.volume(guest.node, drive.file) !== undefined)
      await lab.storages.free(guest.node, drive.file);
  } else if (!isCdrom(drive) && ownsVolume(lab, guest.vmid, drive.file))
    addUnused(guest.config.main, drive.file);
}

/** Is the volume used by another key or by a snapshot of the guest? */
export function isVolumeInUse(config: GuestConfig, key: string, volid: string): boolean {
  const holds = (section: ConfigSection, except?: string) =>
    Object.entries(section).some(
      ([name, value]) => name !== except && isDriveKey(name) && parseDrive(name, value)?.file === volid,
    );
  return holds(config.main, key) || Object.values(config.snapshots).some((section) => holds(section));
}

/** Frees the volume of a deleted `unusedN`, or of a drive that is deleted with force. False when it is none to free. */
export async function deallocate(
  lab: Lab,
  guest: GuestRecord,
  key: string,
  drive: Drive,
  check: (storage: string) => void,
): Promise<boolean> {
  if (drive.file === 'none' || (isCdrom(drive) && !isCloudInitDrive(drive))) return false;
  if (!ownsVolume(lab, guest.vmid, drive.file)) return true;
  check(lab.storages.parse(drive.file).storage);
  if (isVolumeInUse(guest.config, key, drive.file)) {
    throw new Error(`unable to delete '${drive.file}' - volume is still in use (snapshot?)`);
  }
  await lab.storages.free(guest.node, drive.file);
  return true;
}

/** The keys that wait for deletion, each with whether it is forced. */
export function pendingDeletes(config: GuestConfig): Map<string, boolean> {
  const deletes = new Map<string, boolean>();
  for (const entry of (config.pending.delete ?? '').split(',').filter((part) => part !== '')) {
    deletes.set(entry.replace(/^!/, ''), entry.startsWith('!'));
  }
  return deletes;
}

/** Stores the list of keys that wait for deletion. */
export function setPendingDeletes(config: GuestConfig, deletes: ReadonlyMap<string, boolean>): void {
  if (deletes.size === 0) delete config.pending.delete;
  else
    config.pending.delete = [...deletes]
      .map(([key, force]) => `${force ? '!' : ''}${key}`)
      .sort()
      .join(',');
}

/** Drops pending changes that change nothing. */
export function cleanupPending(config: GuestConfig): void {
  for (const key of Object.keys(config.pending)) {
    if (key !== 'delete' && config.pending[key] === config.main[key]) delete config.pending[key];
  }
  const deletes = pendingDeletes(config);
  for (const key of deletes.keys()) if (config.main[key] === undefined) deletes.delete(key);
  setPendingDeletes(config, deletes);
}
