import type { Caller } from '../../../access/access.js';
import { forbidden } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { parseProperties } from '../../qemu/config/property-string.js';
import { checkVolumeAccess } from '../../qemu/disks/volume-access.js';
import { isVolumeKey, privilegeOf } from './container-keys.js';
import { parseContainerNic } from './container-nic.js';
import { parseMountPoint, parseVolumeAllocation } from './mount-point.js';

/** The container whose keys change. */
export interface KeyOwner {
  readonly lab: Lab;
  readonly caller: Caller;
  readonly vmid: number;
  /** Only while it is being created into one. */
  readonly pool?: string | undefined;
  readonly unprivileged: boolean;
  /** The values before the change; absent for a new container. */
  readonly before?: ConfigSection;
}

/**
 * May the caller set these values and delete these keys (LXC.pm, check_ct_modify_config_perm)? root@pam itself may do all, its tokens may not.
 * @throws PveError 403 for a missing privilege, or with what only root@pam may do; 500 for volumes that cannot be used.
 */
export function checkContainerKeys(
  owner: KeyOwner,
  values: ConfigSection,
  deleted: readonly string[] = [],
): void {
  if (owner.caller.isRoot) return;
  for (const key of deleted) checkKey(owner, key, undefined);
  for (const key of Object.keys(values).sort()) checkKey(owner, key, values[key]);
}

function checkKey(owner: KeyOwner, key: string, value: string | undefined): void {
  const { lab, caller, vmid, pool } = owner;
  if (key === 'features') {
    checkFeatures(owner, value);
    return;
  }
  if (key === 'hookscript') throw forbidden('changing the hookscript is only allowed for root@pam');
  if (/^dev\d+$/.test(key)) throw forbidden('configuring device passthrough is only allowed for root@pam');
  lab.access.checkGuest(caller, vmid, pool, [privilegeOf(key)]);
  if (value === undefined) return;
  if (isVolumeKey(key)) checkVolume(owner, value);
  if (/^net\d+$/.test(key)) checkBridge(owner, value);
}

function checkVolume({ lab, caller, vmid }: KeyOwner, value: string): void {
  const point = parseMountPoint(value);
  if (/^\d+(\.\d+)?$/.test(point.volume)) return;
  if (point.type !== 'volume') throw forbidden(`mount point type ${point.type} is only allowed for root@pam`);
  const allocation = parseVolumeAllocation(point.volume);
  if (allocation === undefined) checkVolumeAccess(lab, caller, vmid, point.volume);
  else lab.access.check(caller, `/storage/${allocation.storage}`, ['Datastore.AllocateSpace']);
}

function checkBridge({ lab, caller }: KeyOwner, value: string): void {
  const { bridge, tag } = parseContainerNic(value);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}`;
  lab.access.check(caller, tag === undefined ? path : `${path}/${tag}`, ['SDN.Use']);
}

function checkFeatures(owner: KeyOwner, value: string | undefined): void {
  const { lab, caller, vmid, pool, before, unprivileged } = owner;
  if (!unprivileged)
    throw forbidden('changing feature flags for privileged container is only allowed for root@pam');
  const old = parseProperties(before?.features ?? '');
  const wanted = parseProperties(value ?? '');
  const changed = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(
    (name) => (old[name] ?? '') !== (wanted[name] ?? ''),
  );
  if (changed.some((name) => name !== 'nesting')) {
    throw forbidden('changing feature flags (except nesting) is only allowed for root@pam');
  }
  if (changed.length > 0) lab.access.checkGuest(caller, vmid, pool, ['VM.Allocate']);
}
