import { errorText } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { isCloudInitDrive, isDriveKey, parseDrive } from './drive.js';
import {
  cleanupPending,
  deallocate,
  pendingDeletes,
  registerUnused,
  setPendingDeletes,
  tidyUnused,
} from './write-config.js';

/** What applying changes needs beside the guest. */
export interface ApplyOptions {
  readonly lab: Lab;
  readonly guest: GuestRecord;
  /** Checks that the caller may free volumes of a storage; a start frees without asking. */
  readonly checkFree: (storage: string) => void;
  /** Writes the cloud-init drive anew. */
  readonly regenerate: () => Promise<void>;
}

/**
 * Makes all pending changes of a guest that does not run (QemuServer.pm, vmconfig_apply_pending). What fails stays pending.
 * @returns Texts by key of what failed.
 */
export async function applyPending(options: ApplyOptions): Promise<Record<string, string>> {
  const { lab, guest } = options;
  const { config } = guest;
  const errors: Record<string, string> = {};
  const deletes = pendingDeletes(config);
  for (const key of [...deletes.keys()].sort()) {
    try {
      await deleteKey(options, key, deletes.get(key) === true);
      deletes.delete(key);
      delete config.main[key];
    } catch (error) {
      errors[key] = `unable to apply pending change ${key} : ${errorText(error)}\n`;
    }
  }
  setPendingDeletes(config, deletes);
  cleanupPending(config);
  let regenerate = false;
  for (const key of Object.keys(config.pending)) {
    const value = config.pending[key];
    if (key === 'delete' || value === undefined) continue;
    if (isDriveKey(key)) {
      const old = config.main[key] === undefined ? undefined : parseDrive(key, config.main[key]);
      const drive = parseDrive(key, value);
      if (old !== undefined && old.file !== drive?.file) await registerUnused(lab, guest, old);
      if (drive !== undefined && isCloudInitDrive(drive)) regenerate = true;
    }
    config.main[key] = value;
    delete config.pending[key];
  }
  tidyUnused(config);
  if (regenerate) await options.regenerate();
  return errors;
}

/** What deleting a key does beside taking it out: a drive becomes unused, or is freed when forced. */
export async function deleteKey(options: ApplyOptions, key: string, force: boolean): Promise<void> {
  const { lab, guest, checkFree } = options;
  const value = guest.config.main[key];
  if (value === undefined || !isDriveKey(key)) return;
  const drive = parseDrive(key, value);
  if (drive === undefined) return;
  if (force) await deallocate(lab, guest, key, drive, checkFree);
  else await registerUnused(lab, guest, drive);
}
