import { errorText } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { macPrefix } from '../../qemu/config/drawn-values.js';
import {
  addUnused,
  cleanupPending,
  ownsVolume,
  pendingDeletes,
  setPendingDeletes,
} from '../../qemu/config/write-config.js';
import { definitionOf } from '../definition.js';
import { createVolumes } from '../volumes/create-volumes.js';
import { changeKind, deletionKind, isVolumeKey } from './container-keys.js';
import { parseContainerNic, storedContainerNic } from './container-nic.js';
import { parseMountPoint, parseVolumeAllocation } from './mount-point.js';

/** Texts by key of what could not be applied. */
export type ApplyErrors = Record<string, string>;

/** Makes all pending changes of a container that does not run (LXC/Config.pm, vmconfig_apply_pending). What fails stays pending. */
export async function applyPendingChanges(lab: Lab, guest: GuestRecord): Promise<ApplyErrors> {
  return applyEach(
    lab,
    guest,
    (key, error) => `unable to apply pending change ${key} : ${error}\n`,
    () => true,
    () => true,
  );
}

/** Makes the pending changes that a running container can take up; the others wait for its next start (vmconfig_hotplug_pending). */
export async function applyLiveChanges(lab: Lab, guest: GuestRecord): Promise<ApplyErrors> {
  const { main } = guest.config;
  const errors = await applyEach(
    lab,
    guest,
    (key, error) => `unable to hotplug ${key}: ${error}\n`,
    (key) => changeKind(key) !== 'pending' && !(changeKind(key) === 'volume' && main[key] !== undefined),
    (key) => deletionKind(key) === 'at-once',
    (key, value) => checkBridgeExists(lab, guest.node, key, value),
  );
  lab.containers.update(definitionOf(lab, guest));
  return errors;
}

/** @throws Error `bridge 'vmbr9' does not exist`. */
export function checkBridgeExists(lab: Lab, node: string, key: string, value: string): void {
  if (!/^net\d+$/.test(key)) return;
  const { bridge } = parseContainerNic(value);
  if (bridge !== undefined && lab.state.nodes[node]?.interfaces[bridge] === undefined)
    throw new Error(`bridge '${bridge}' does not exist`);
}

async function applyEach(
  lab: Lab,
  guest: GuestRecord,
  text: (key: string, error: string) => string,
  canChange: (key: string) => boolean,
  canDelete: (key: string) => boolean,
  check: (key: string, value: string) => void = () => {},
): Promise<ApplyErrors> {
  const { config } = guest;
  const errors: ApplyErrors = {};
  const deletes = pendingDeletes(config);
  for (const key of [...deletes.keys()].sort().filter(canDelete)) {
    try {
      await deleteKey(lab, guest, key);
      deletes.delete(key);
    } catch (error) {
      errors[key] = text(key, errorText(error));
    }
  }
  setPendingDeletes(config, deletes);
  cleanupPending(config);
  for (const key of Object.keys(config.pending).sort()) {
    const value = config.pending[key];
    if (key === 'delete' || value === undefined || !canChange(key)) continue;
    try {
      check(key, value);
      await changeKey(lab, guest, key, value);
      delete config.pending[key];
    } catch (error) {
      errors[key] = text(key, errorText(error));
    }
  }
  return errors;
}

async function changeKey(lab: Lab, guest: GuestRecord, key: string, value: string): Promise<void> {
  const { main } = guest.config;
  if (/^net\d+$/.test(key)) main[key] = storedContainerNic(value, macPrefix(lab), lab.random);
  else if (isVolumeKey(key)) {
    const old = main[key] === undefined ? undefined : parseMountPoint(main[key]).volume;
    const allocates = parseVolumeAllocation(parseMountPoint(value).volume) !== undefined;
    const stored = allocates
      ? (await createVolumes({ lab, node: guest.node, vmid: guest.vmid, log: () => {} }, { [key]: value }))[
          key
        ]
      : value;
    main[key] = stored ?? value;
    const now = parseMountPoint(main[key]).volume;
    if (old !== undefined && old !== now && ownsVolume(lab, guest.vmid, old)) addUnused(main, old);
    for (const name of Object.keys(main))
      if (/^unused\d+$/.test(name) && main[name] === now) delete main[name];
  } else main[key] = value;
}

async function deleteKey(lab: Lab, guest: GuestRecord, key: string): Promise<void> {
  const { main } = guest.config;
  const value = main[key];
  delete main[key];
  if (value === undefined) return;
  const { volume, type } = parseMountPoint(value);
  if (/^mp\d+$/.test(key) && type === 'volume' && ownsVolume(lab, guest.vmid, volume))
    addUnused(main, volume);
  else if (/^unused\d+$/.test(key) && ownsVolume(lab, guest.vmid, volume))
    await lab.storages.free(guest.node, volume);
}
