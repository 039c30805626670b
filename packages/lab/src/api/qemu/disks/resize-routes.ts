import { badParameter, failure } from '../../../http/pve-error.js';
import { defineRoute, type Route } from '../../../http/route.js';
import { parseSize, printSize } from '../config/disk-size.js';
import { isCdrom, parseDrive, printDrive, withOptions } from '../config/drive.js';
import {
  checkConfigLock,
  checkDigest,
  isRunning,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';
import { skipsLock } from '../root-only.js';

/** PUT …/resize: grows a disk, to a size or by one. Every refusal comes in the task. */
export const resizeRoutes: readonly Route[] = [
  defineRoute('PUT /nodes/{node}/qemu/{vmid}/resize', (ctx) => {
    const { lab, node, params, caller } = ctx;
    const vmid = vmidOf(ctx);
    const key = params.require('disk');
    const wanted = params.require('size');
    const digest = params.get('digest');
    const skipLock = skipsLock(ctx);
    return ctx.startTask({
      type: 'resize',
      id: vmid,
      run: (task) =>
        withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
          const guest = requireGuest(lab, node, vmid);
          const { main } = guest.config;
          checkDigest(guest.config, digest);
          if (!skipLock) checkConfigLock(guest.config);
          if (main[key] === undefined) throw failure(`disk '${key}' does not exist`);
          const drive = parseDrive(key, main[key]);
          if (drive === undefined || !drive.file.includes(':'))
            throw failure(`disk '${key}' has no associated volume`);
          if (isCdrom(drive)) throw failure("you can't resize a cdrom");
          const { storage, format, isBase } = lab.storages.parse(drive.file);
          lab.access.check(caller, `/storage/${storage}`, ['Datastore.AllocateSpace']);
          if (format === 'qcow2' && isBase === false && key === 'efidisk0')
            throw failure(`can't resize '${key}'`);
          const volume = lab.storages.volume(node, drive.file);
          if (volume === undefined) throw failure(`volume '${drive.file}' does not exist`);
          const amount = parseSize(wanted.replace(/^\+/, ''));
          if (amount === undefined) throw badParameter('size', 'invalid size');
          const target = wanted.startsWith('+') ? volume.sizeBytes + amount : amount;
          if (target < volume.sizeBytes) throw failure('shrinking disks is not supported');
          if (target > volume.sizeBytes) {
            if (isRunning(lab, vmid)) {
              await lab.runtime.resizeDrive(vmid, key, target);
              lab.storages.recordSize(node, drive.file, target);
            } else {
              if (isBase && format !== undefined)
                refuseBase(
                  lab.storages.path(node, drive.file),
                  resizeCommand(lab.release, format),
                  target,
                  task.log,
                );
              await lab.storages.resize(node, drive.file, target);
              task.log('Image resized.');
            }
          }
          main[key] = printDrive(withOptions(drive, { size: printSize(target) }));
        }),
    });
  }),
];

/** The beginning of the command line that grows an image. */
function resizeCommand(release: string, format: string): string {
  const preallocation = release === '9.2' && format === 'qcow2' ? " '--preallocation=metadata'" : '';
  return `/usr/bin/qemu-img resize${preallocation} -f ${format}`;
}

/** The image of a template is immutable: qemu-img cannot open it for writing. */
function refuseBase(path: string, command: string, bytes: number, log: (line: string) => void): never {
  log(`qemu-img: Could not open '${path}': Could not open '${path}': Operation not permitted`);
  throw failure(`command '${command} ${path} ${bytes}' failed: exit code 1`);
}
