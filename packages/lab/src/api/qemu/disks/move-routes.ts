import { errorText, failure } from '../../../http/pve-error.js';
import { defineRoute, type Route } from '../../../http/route.js';
import { guestConfigDigest } from '../../../state/guest-config.js';
import { isCdrom, isCloudInitDrive, parseDrive, printDrive } from '../config/drive.js';
import { addUnused, isVolumeInUse } from '../config/write-config.js';
import { checkConfigLock, isRunning, requireGuest, vmidOf, withGuestLock } from '../guest-access.js';
import { guestDefinition } from '../guest-definition.js';
import { copyDrive } from './copy-drive.js';
import { reassignDisk } from './reassign-disk.js';

/** POST …/move_disk: to another storage or format, or to another guest. */
export const moveRoutes: readonly Route[] = [
  defineRoute('POST /nodes/{node}/qemu/{vmid}/move_disk', async (ctx) => {
    const { lab, node, params, caller } = ctx;
    const vmid = vmidOf(ctx);
    const key = params.require('disk');
    const storage = params.get('storage');
    const targetVmid = params.integer('target-vmid');
    if (storage === undefined && targetVmid === undefined) {
      throw failure("both 'storage' and 'target-vmid' missing, either needs to be set");
    }
    if (targetVmid !== undefined) return reassignDisk(ctx, { vmid, key, targetVmid });
    const target = storage ?? '';
    lab.access.check(caller, `/storage/${target}`, ['Datastore.AllocateSpace']);
    const format = params.get('format');
    const remove = params.boolean('delete') === true;
    return withGuestLock(lab, node, vmid, { signal: ctx.signal }, async () => {
      const check = () => {
        const guest = requireGuest(lab, node, vmid);
        checkConfigLock(guest.config);
        const digest = params.get('digest');
        if (digest !== undefined && digest !== guestConfigDigest(guest.config)) {
          throw failure('detected modified configuration - file changed by other user? Try again.');
        }
        const text = guest.config.main[key];
        if (text === undefined) throw failure(`disk '${key}' does not exist`);
        const drive = parseDrive(key, text);
        if (drive === undefined || !drive.file.includes(':'))
          throw failure(`disk '${key}' has no associated volume`);
        if (isCdrom(drive) && !isCloudInitDrive(drive)) throw failure("you can't move a cdrom");
        lab.storages.checkEnabled(target, node);
        const source = lab.storages.parse(drive.file);
        if (source.storage === target && (format === undefined || source.format === format)) {
          throw failure("you can't move to the same storage with same format");
        }
        if (remove && isVolumeInUse(guest.config, key, drive.file))
          throw failure("you can't move a disk with snapshots and delete the source");
        return { guest, drive };
      };
      check();
      return ctx.startTask({
        type: 'qmmove',
        id: vmid,
        run: (task) =>
          withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
            const { guest, drive } = check();
            const made: string[] = [];
            const running = isRunning(lab, vmid);
            if (lab.release === '9.2') {
              const from = lab.storages.parse(drive.file).storage;
              task.log(
                `copying volume '${drive.file}' from current storage '${from}' to target storage '${target}'`,
              );
            }
            try {
              const copy = await copyDrive(
                lab,
                { node, vmid, log: (line) => task.log(line), signal: task.signal, made },
                drive,
                { full: true, storage: target, format, running },
              );
              guest.config.main[key] = printDrive(copy);
              if (running) await lab.runtime.hotplug(guestDefinition(lab, guest));
            } catch (error) {
              for (const volid of made) await lab.storages.free(node, volid);
              throw failure(`storage migration failed: ${errorText(error)}`);
            }
            if (remove) {
              if (lab.release === '9.2')
                task.log(`removing source volume '${drive.file}' after successful copy`);
              await lab.storages.free(node, drive.file);
            } else addUnused(guest.config.main, drive.file);
          }),
      });
    });
  }),
];
