import { createHash } from 'node:crypto';
import type { Caller } from '../../access/access.js';
import type { Params } from '../../http/params.js';
import { badParameter, failure, forbidden } from '../../http/pve-error.js';
import { defineRoute, type RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { StorageEntry, VolumeRecord } from '../../state/lab-state.js';
import { IMAGE_HEADER_BYTES, recognizeImage } from '../../storage/image-format.js';
import { downloadRoutes } from './download-url.js';

/** Which contents each kind of storage may hold. */
const CONTENT_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  dir: ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'none', 'import'],
  nfs: ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import'],
  cifs: ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import'],
  btrfs: ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'none', 'import'],
  cephfs: ['vztmpl', 'iso', 'backup', 'snippets', 'import'],
  lvm: ['images', 'rootdir'],
  lvmthin: ['images', 'rootdir'],
  zfspool: ['images', 'rootdir'],
  rbd: ['images', 'rootdir'],
  pbs: ['backup', 'none'],
};

const SHARED_TYPES: ReadonlySet<string> = new Set([
  'nfs',
  'cifs',
  'cephfs',
  'rbd',
  'pbs',
  'iscsi',
  'zfs',
  'glusterfs',
]);
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'storage',
  'type',
  'content',
  'path',
  'disable',
  'shared',
  'nodes',
  'delete',
  'digest',
  'node',
]);
const GIB = 1024 ** 3;

/** `/storage`, `/nodes/{node}/storage` and what lies below (pve-storage, PVE/API2/Storage/). */
export const storageRoutes = [
  defineRoute('GET /storage', ({ lab, caller, params }) => {
    const type = params.get('type');
    return Object.keys(lab.state.storages)
      .filter(
        (id) => (type === undefined || lab.state.storages[id]?.type === type) && mayList(lab, caller, id),
      )
      .map((id) => configOf(lab, id));
  }),
  defineRoute('GET /storage/{storage}', ({ lab, params }) => configOf(lab, params.require('storage'))),
  defineRoute('POST /storage', ({ lab, params }) => {
    const id = params.require('storage');
    const type = params.require('type');
    try {
      if (lab.state.storages[id] !== undefined) throw failure(`storage ID '${id}' already defined`);
      if (type === 'dir' && !params.has('path'))
        throw badParameter('path', 'property is missing and it is not optional');
      checkContent(type, params.get('content'));
    } catch (error) {
      throw prefixed('create storage failed', error);
    }
    const entry: StorageEntry = {
      type,
      content: (params.get('content') ?? 'images,rootdir,vztmpl,iso,backup,snippets')
        .split(/[,;\s]+/)
        .join(','),
      options: {},
      capacityBytes: 500 * GIB,
    };
    if (SHARED_TYPES.has(type)) entry.shared = true;
    setOptions(entry, params);
    lab.state.storages[id] = entry;
    return { storage: id, type };
  }),
  defineRoute('PUT /storage/{storage}', ({ lab, params }) => {
    const id = params.require('storage');
    try {
      const entry = lab.storages.entry(id);
      const digest = params.get('digest');
      if (digest !== undefined && digest !== storageDigest(lab))
        throw failure('detected modified configuration - file changed by other user? Try again.');
      checkContent(entry.type, params.get('content'));
      const content = params.get('content');
      if (content !== undefined) entry.content = content.split(/[,;\s]+/).join(',');
      setOptions(entry, params);
      for (const name of params.list('delete')) {
        if (name === 'shared' || name === 'disable' || name === 'nodes') delete entry[name];
        else delete entry.options[name];
      }
      return { storage: id, type: entry.type };
    } catch (error) {
      throw prefixed('update storage failed', error);
    }
  }),
  defineRoute('DELETE /storage/{storage}', ({ lab, params }) => {
    const id = params.require('storage');
    try {
      lab.storages.entry(id);
    } catch (error) {
      throw prefixed('delete storage failed', error);
    }
    delete lab.state.storages[id];
    for (const [key, volume] of Object.entries(lab.state.volumes))
      if (volume.storage === id) delete lab.state.volumes[key];
  }),

  defineRoute('GET /nodes/{node}/storage', ({ lab, caller, node, params }) => {
    const wanted = params.list('content');
    const only = params.get('storage');
    const target = params.get('target');
    const listed: JsonObject[] = [];
    for (const [id, entry] of Object.entries(lab.state.storages)) {
      if (only !== undefined && id !== only) continue;
      if (entry.nodes !== undefined && !entry.nodes.includes(node)) continue;
      if (target !== undefined && entry.nodes !== undefined && !entry.nodes.includes(target)) continue;
      if (wanted.length > 0 && !wanted.some((content) => lab.storages.hasContent(id, content))) continue;
      if (params.boolean('enabled') === true && entry.disable === true) continue;
      if (mayList(lab, caller, id)) listed.push(statusOf(lab, node, id, entry, true));
    }
    return listed;
  }),
  defineRoute('GET /nodes/{node}/storage/{storage}/status', ({ lab, node, params }) => {
    const id = params.require('storage');
    const entry = lab.state.storages[id];
    if (entry === undefined) throw badParameter('storage', 'No such storage.');
    const { storage: _, used_fraction: __, ...status } = statusOf(lab, node, id, entry, false);
    return status;
  }),
  defineRoute('GET /nodes/{node}/storage/{storage}/content', ({ lab, caller, node, params }) => {
    const storage = params.require('storage');
    lab.storages.checkEnabled(storage, node);
    const content = params.get('content');
    const vmid = params.integer('vmid');
    return lab.storages
      .volumes(node, { storage, ...(content === undefined ? {} : { content }) })
      .filter((volume) => (vmid === undefined || isListedFor(vmid, volume)) && mayAccess(lab, caller, volume))
      .map(listEntry);
  }),
  defineRoute('POST /nodes/{node}/storage/{storage}/content', async ({ lab, node, params }) => {
    const storage = params.require('storage');
    const vmid = params.requireInteger('vmid');
    const filename = params.require('filename');
    const size = params.require('size');
    const named = /\.(raw|qcow2|vmdk)$/.exec(filename)?.[1];
    const format = params.get('format');
    if (named !== undefined && format !== undefined && format !== named) {
      throw badParameter('format', `different storage formats (${format} != ${named})`);
    }
    lab.storages.checkEnabled(storage, node);
    const chosen = named ?? format ?? lab.storages.imageFormat(storage);
    const unit = size.endsWith('G') ? GIB : size.endsWith('M') ? 1024 ** 2 : 1024;
    const name = named === undefined && isDirectory(lab, storage) ? `${filename}.${chosen}` : filename;
    const volid = await lab.storages.allocate({
      node,
      storage,
      vmid,
      name,
      format: chosen,
      sizeBytes: Number.parseInt(size, 10) * unit,
    });
    const volume = lab.storages.volume(node, volid);
    if (volume !== undefined) volume.byHand = true;
    return volid;
  }),
  defineRoute(
    'GET /nodes/{node}/storage/{storage}/content/{volume}',
    async ({ lab, caller, node, params }) => {
      const volid = fullVolid(params);
      const parsed = lab.storages.parse(volid);
      lab.storages.checkEnabled(parsed.storage, node);
      const known = lab.storages.volume(node, volid);
      if (known !== undefined) requireAccess(lab, caller, known);
      const file = lab.storages.file(node, volid);
      if (known === undefined) throw failure(`volume_size_info on '${volid}' failed`);
      const stored = await lab.files.stat(file.node, file.path);
      let size = known.sizeBytes;
      if (known.content === 'import' && stored !== undefined) {
        const header = await lab.files.read(file.node, file.path, {
          offset: 0,
          length: Math.min(IMAGE_HEADER_BYTES, stored.sizeBytes),
        });
        size = recognizeImage(header, stored.sizeBytes).sizeBytes;
      }
      return {
        path: file.path,
        // qemu-img takes any file for a raw image: whole sectors, and the blocks that it occupies.
        size: Math.ceil(size / 512) * 512,
        used:
          known.content === 'images' || known.content === 'rootdir'
            ? known.usedBytes
            : Math.ceil((stored?.sizeBytes ?? known.usedBytes) / 4096) * 4096,
        format: known.content === 'iso' || known.content === 'vztmpl' ? 'raw' : known.format,
        ...(known.notes === undefined ? {} : { notes: known.notes }),
        ...(known.protected === undefined ? {} : { protected: known.protected ? 1 : 0 }),
      };
    },
  ),
  defineRoute('PUT /nodes/{node}/storage/{storage}/content/{volume}', ({ lab, caller, node, params }) => {
    const volid = fullVolid(params);
    const known = lab.storages.volume(node, volid);
    if (known === undefined) throw failure(`unable to parse volume ID '${volid}'`);
    requireAccess(lab, caller, known);
    const notes = params.get('notes');
    const kept = params.boolean('protected');
    if (known.content !== 'backup') {
      if (notes !== undefined)
        throw failure(
          "attribute 'notes' is not supported for storage type 'dir' and content type '" +
            known.content +
            "'",
        );
      if (kept !== undefined) throw failure('only backups can be protected');
    }
    if (notes !== undefined) known.notes = notes;
    if (kept !== undefined) known.protected = kept;
  }),
  defineRoute('DELETE /nodes/{node}/storage/{storage}/content/{volume}', async (ctx) => {
    const { lab, caller, node, params } = ctx;
    const volid = fullVolid(params);
    const parsed = lab.storages.parse(volid);
    lab.storages.checkEnabled(parsed.storage, node);
    if (
      parsed.content === 'backup' &&
      lab.access.has(caller, `/storage/${parsed.storage}`, ['Datastore.AllocateSpace'])
    ) {
      lab.access.check(caller, `/vms/${parsed.vmid ?? 0}`, ['VM.Backup']);
    } else {
      lab.access.check(caller, `/storage/${parsed.storage}`, ['Datastore.Allocate']);
    }
    const upid = ctx.startTask({
      type: 'imgdel',
      id: parsed.vmid === undefined ? parsed.storage : `${parsed.vmid}@${parsed.storage}`,
      run: async (task) => {
        if (lab.storages.volume(node, volid)?.protected === true)
          throw failure(`can't remove protected archive '${volid}'`);
        if (lab.storages.volume(node, volid) === undefined)
          task.log(`disk image '${lab.storages.path(node, volid)}' does not exist`);
        await lab.storages.free(node, volid);
        task.log(`Removed volume '${volid}'`);
      },
    });
    return await withinDelay(ctx, upid);
  }),
  defineRoute('GET /nodes/{node}/storage/{storage}/import-metadata', ({ lab, params }) => {
    const volume = params.require('volume');
    const storage = params.require('storage');
    const name = volume.startsWith(`${storage}:`) ? volume.slice(storage.length + 1) : volume;
    lab.storages.entry(storage);
    throw failure(
      /\.ova$/.test(name)
        ? `the lab does not read OVA archives ('${volume}')`
        : `unable to parse directory volume name '${volume}'`,
    );
  }),
  defineRoute('GET /nodes/{node}/storage/{storage}/prunebackups', ({ lab, params }) => {
    const storage = params.require('storage');
    const keep = params.get('prune-backups') ?? lab.storages.entry(storage).options['prune-backups'];
    if (keep === undefined) throw failure(`no prune-backups options configured for storage '${storage}'`);
    return [];
  }),
  defineRoute('GET /nodes/{node}/storage/{storage}/file-restore/list', ({ lab, node, params }) => {
    const volid = params.require('volume');
    const storage = params.require('storage');
    const id = volid.includes(':') ? volid : `${storage}:${volid}`;
    lab.storages.checkEnabled(storage, node);
    if (lab.storages.parse(id).content !== 'backup')
      throw failure(`unable to use volume ${id} - content type needs to be 'backup'`);
    throw badParameter('storage', 'Only PBS storages supported for file-restore.');
  }),
  ...downloadRoutes,
];

/** The filter by guest leaves out what has no guest, except for imports and snippets (PVE/Storage/Plugin.pm list_volumes). */
function isListedFor(vmid: number, volume: VolumeRecord): boolean {
  return volume.vmid === vmid || volume.content === 'import' || volume.content === 'snippets';
}

async function withinDelay({ lab, params }: RequestContext, upid: string): Promise<string | null> {
  const delay = params.integer('delay');
  if (delay === undefined) return upid;
  const over = await lab.clock.within(delay * 1000, lab.tasks.finished(upid));
  if (!over) return upid;
  const status = await lab.tasks.finished(upid);
  if (status !== 'OK') throw failure(status);
  return null;
}

function isDirectory(lab: Lab, storage: string): boolean {
  return CONTENT_BY_TYPE[lab.storages.entry(storage).type]?.includes('iso') === true;
}

function fullVolid(params: Params): string {
  const storage = params.require('storage');
  const volume = params.require('volume');
  const volid = /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i.test(volume) ? volume : `${storage}:${volume}`;
  if (!volid.startsWith(`${storage}:`))
    throw badParameter('storage', `storage ID mismatch (${volid.split(':')[0]} != ${storage})`);
  return volid;
}

function mayList(lab: Lab, caller: Caller, storage: string): boolean {
  return lab.access.has(caller, `/storage/${storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], true);
}

/** As `check_volume_access` (PVE/Storage.pm): who sees a volume. */
function mayAccess(lab: Lab, caller: Caller, volume: VolumeRecord): boolean {
  const path = `/storage/${volume.storage}`;
  if (lab.access.has(caller, path, ['Datastore.Allocate'])) return true;
  if (volume.content === 'iso' || volume.content === 'vztmpl' || volume.content === 'import') {
    return lab.access.has(caller, path, ['Datastore.AllocateSpace', 'Datastore.Audit'], true);
  }
  if (volume.content === 'backup' && volume.vmid !== undefined) {
    return (
      lab.access.has(caller, path, ['Datastore.AllocateSpace']) &&
      lab.access.has(caller, `/vms/${volume.vmid}`, ['VM.Backup'])
    );
  }
  if ((volume.content === 'images' || volume.content === 'rootdir') && volume.vmid !== undefined) {
    return (
      lab.access.has(caller, path, ['Datastore.Audit']) &&
      lab.access.has(caller, `/vms/${volume.vmid}`, ['VM.Config.Disk'])
    );
  }
  return false;
}

function requireAccess(lab: Lab, caller: Caller, volume: VolumeRecord): void {
  if (mayAccess(lab, caller, volume)) return;
  const path = `/storage/${volume.storage}`;
  if (volume.content === 'images') lab.access.check(caller, `/vms/${volume.vmid ?? 0}`, ['VM.Config.Disk']);
  throw forbidden(`${path}, Datastore.AllocateSpace|Datastore.Audit`);
}

function listEntry(volume: VolumeRecord): JsonObject {
  const { volid, content, format, sizeBytes, usedBytes, ctime, vmid, parent, notes } = volume;
  const image = content === 'images' || content === 'rootdir';
  return {
    volid,
    content,
    format,
    size: sizeBytes,
    ctime,
    ...(image ? { used: usedBytes } : {}),
    ...(vmid === undefined ? {} : { vmid }),
    ...(image ? { parent: parentName(parent) } : {}),
    ...(notes === undefined ? {} : { notes }),
    ...(content === 'backup' ? { protected: volume.protected === true ? 1 : 0 } : {}),
  };
}

/** qemu-img shows the backing file's name relative to the image; an image without one has null. */
function parentName(parent: string | undefined): string | null {
  return parent === undefined ? null : `../${parent.slice(parent.indexOf(':') + 1)}`;
}

/** SHA-1 over storage.cfg as it would be printed. */
function storageDigest(lab: Lab): string {
  return createHash('sha1').update(JSON.stringify(lab.state.storages)).digest('hex');
}

function configOf(lab: Lab, id: string): JsonObject {
  const entry = lab.storages.entry(id);
  return {
    storage: id,
    type: entry.type,
    content: entry.content,
    ...(entry.path === undefined ? {} : { path: entry.path }),
    ...(entry.disable === true ? { disable: 1 } : {}),
    ...(entry.shared === undefined || SHARED_TYPES.has(entry.type) ? {} : { shared: entry.shared ? 1 : 0 }),
    ...(entry.nodes === undefined ? {} : { nodes: entry.nodes.join(',') }),
    ...entry.options,
    digest: storageDigest(lab),
  };
}

function statusOf(lab: Lab, node: string, id: string, entry: StorageEntry, inList: boolean): JsonObject {
  const enabled = entry.disable !== true;
  const used = usedBytes(lab, node, id);
  const total = entry.capacityBytes;
  return {
    storage: id,
    type: entry.type,
    content: entry.content,
    shared: entry.shared === true ? 1 : 0,
    enabled: enabled ? 1 : 0,
    active: enabled ? 1 : 0,
    total: enabled ? total : 0,
    used: enabled ? used : 0,
    avail: enabled ? total - used : 0,
    ...(inList && enabled ? { used_fraction: used / total } : {}),
  };
}

/** Bytes that a storage's files take; a little for the file system itself. */
export function usedBytes(lab: Lab, node: string, id: string): number {
  let used = 64 * 1024 * 1024;
  for (const volume of lab.storages.volumes(node, { storage: id })) used += volume.usedBytes;
  return used;
}

function checkContent(type: string, content: string | undefined): void {
  const allowed = CONTENT_BY_TYPE[type] ?? [];
  for (const part of (content ?? '').split(/[,;\s]+/)) {
    if (part !== '' && !allowed.includes(part))
      throw failure(`storage does not support content type '${part}'`);
  }
}

function setOptions(entry: StorageEntry, params: Params): void {
  const path = params.get('path');
  if (path !== undefined) entry.path = path;
  const shared = params.boolean('shared');
  if (shared !== undefined) entry.shared = shared;
  const disable = params.boolean('disable');
  if (disable === true) entry.disable = true;
  else if (disable === false) delete entry.disable;
  if (params.has('nodes')) entry.nodes = [...params.list('nodes')];
  for (const [name, value] of params.entries()) {
    if (!OWN_FIELDS.has(name) && typeof value === 'string') entry.options[name] = value;
  }
}

function prefixed(prefix: string, error: unknown): unknown {
  if (error instanceof Error && 'status' in error && error.status === 500)
    return failure(`${prefix}: ${error.message}`);
  return error;
}
