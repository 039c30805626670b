import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { GuestRef, GuestSettings } from './guest-ref.js';

/** What to change in a configuration. */
export interface ConfigChange {
  readonly set?: GuestSettings;
  /** Keys to remove. Removing a drive makes it `unusedN`; removing `unusedN` destroys the volume. */
  readonly delete?: readonly string[];
  /** The digest of the configuration that the decision was based on: the change is refused when it has changed since. */
  readonly digest?: string;
}

/**
 * Changes a guest's configuration and returns when it is written. On a running guest some keys wait for the next start; see getGuestPending.
 * PVE gives this call 30 s: allocate or import volumes of machines by updateGuestConfigAsTask.
 * Never send `netN` without its MAC, nor allocation syntax (`storage:32`) for a drive that exists: PVE would make a new one.
 * @throws ProxmoxError PVE_DIGEST, PVE_LOCKED, PVE_LOCK_TIMEOUT, PVE_PARAMETER, PVE_NOT_FOUND
 */
export async function updateGuestConfig(
  client: ProxmoxClient,
  { kind, node, vmid, ...change }: GuestRef & ConfigChange,
  options?: RequestOptions,
): Promise<void> {
  const parameters = { ...changeParameters(change), node, vmid };
  if (kind === 'qemu') await client.request('PUT /nodes/{node}/qemu/{vmid}/config', parameters, options);
  else await client.request('PUT /nodes/{node}/lxc/{vmid}/config', parameters, options);
}

/**
 * As updateGuestConfig, for machines, as a task: for changes that allocate, import or unplug, which may take longer than 30 s.
 * Containers have no such call.
 * @returns the task's UPID
 */
export async function updateGuestConfigAsTask(
  client: ProxmoxClient,
  { node, vmid, ...change }: Omit<GuestRef, 'kind'> & ConfigChange,
  options?: RequestOptions,
): Promise<string> {
  const upid = await client.request(
    'POST /nodes/{node}/qemu/{vmid}/config',
    { ...changeParameters(change), node, vmid },
    options,
  );
  return String(upid);
}

function changeParameters({ set, delete: keys, digest }: ConfigChange): GuestSettings {
  return {
    ...set,
    ...(keys && keys.length > 0 ? { delete: keys } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}
