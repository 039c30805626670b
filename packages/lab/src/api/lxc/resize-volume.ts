import { failure, PveError } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import { parseSize, printSize } from '../qemu/config/disk-size.js';
import { parseMountPoint, printMountPoint } from './config/mount-point.js';
import {
  checkDigest,
  checkLock,
  containerOf,
  isRunning,
  requireContainer,
  vmidOf,
  withContainerLock,
} from './container-access.js';

/** PUT …/resize: the checks are synchronous, unlike a machine's; the file system grows with the volume (API2/LXC.pm, resize_vm). */
export function resizeVolume(ctx: RequestContext): string {
  const { lab, params, node } = ctx;
  const vmid = vmidOf(ctx);
  const disk = params.require('disk');
  const { config } = containerOf(ctx);
  checkLock(config);
  checkDigest(config, params.get('digest'));
  const value = config.main[disk];
  if (value === undefined) throw missingVolume(disk);
  const { volume } = parseMountPoint(value);
  const { storage, format } = lab.storages.parse(volume);
  lab.access.check(ctx.caller, `/storage/${storage}`, ['Datastore.AllocateSpace']);
  const sizeBytes = format === 'subvol' ? 0 : (lab.storages.volume(node, volume)?.sizeBytes ?? 0);
  const wanted = params.require('size');
  const delta = parseSize(wanted.replace(/^\+/, '')) ?? 0;
  const newBytes = wanted.startsWith('+') ? sizeBytes + delta : delta;
  if (newBytes < sizeBytes) throw failure('unable to shrink disk size');
  if (newBytes === sizeBytes) throw failure('disk is already at specified size');
  return ctx.startTask({
    type: 'resize',
    id: vmid,
    run: (task) =>
      withContainerLock(lab, node, vmid, { log: (line) => task.log(line), signal: task.signal }, async () => {
        const guest = requireContainer(lab, node, vmid);
        checkLock(guest.config);
        if (format === 'subvol') throw new Error("can't resize this image format");
        if (lab.storages.parse(volume).isBase) throw new Error(immutableBase(ctx, volume, newBytes));
        const before = lab.storages.volume(node, volume);
        const mounted = isRunning(lab, vmid) && lab.state.nodes[node]?.lacks?.includes('mounted-resize');
        const fileSystemBytes = before?.fileSystemBytes ?? before?.sizeBytes;
        await lab.storages.resize(node, volume, newBytes);
        const record = lab.storages.volume(node, volume);
        if (record !== undefined) {
          delete record.fileSystemBytes;
          // resize2fs fails, which PVE only mentions in its journal.
          if (mounted === true && fileSystemBytes !== undefined) record.fileSystemBytes = fileSystemBytes;
        }
        task.log('Image resized.');
        const point = parseMountPoint(guest.config.main[disk] ?? value);
        guest.config.main[disk] = printMountPoint({
          ...point,
          options: { ...point.options, size: printSize(newBytes) },
        });
      }),
  });
}

/** The error that PVE gives for a mount point that is not there: its parser's, with a status of 500. */
function missingVolume(disk: string): PveError {
  const missing = 'property is missing and it is not optional';
  return new PveError(500, 'format error', {
    errors: disk === 'rootfs' ? { volume: missing } : { mp: missing, volume: missing },
  });
}

/** A base image on a directory storage is immutable (chattr +i). */
function immutableBase({ lab, node }: RequestContext, volume: string, bytes: number): string {
  const preallocation = lab.release === '8.4' ? '' : "'--preallocation=off' ";
  return `command '/usr/bin/qemu-img resize ${preallocation}-f raw ${lab.storages.path(node, volume)} ${bytes}' failed: exit code 1`;
}
