import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';

/**
 * Deletes a volume by its id (`local:iso/seed.iso`). PVE does not ask whether a guest still names it; a volume that is not there is
 * deleted with success. Needs Datastore.Allocate, also for what AllocateTemplate was enough to upload.
 * @returns the task's UPID
 */
export async function deleteVolume(
  client: ProxmoxClient,
  { node, volid }: { readonly node: string; readonly volid: string },
  options?: RequestOptions,
): Promise<string> {
  const [storage = ''] = volid.split(':', 1);
  const upid = await client.request(
    'DELETE /nodes/{node}/storage/{storage}/content/{volume}',
    { node, storage, volume: volid },
    options,
  );
  return String(upid);
}
