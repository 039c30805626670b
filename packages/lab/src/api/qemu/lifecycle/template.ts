import { failure } from '../../../http/pve-error.js';
import { defineRoute, type Route } from '../../../http/route.js';
import { isCdrom, isDriveKey, parseDrive, printDrive } from '../config/drive.js';
import {
  checkConfigLock,
  guestOf,
  isRunning,
  isTemplate,
  requireGuest,
  vmidOf,
  withGuestLock,
} from '../guest-access.js';

/** POST …/template: turns a guest into a template, its disks into base images. There is no way back over the API. */
export const templateRoutes: readonly Route[] = [
  defineRoute('POST /nodes/{node}/qemu/{vmid}/template', (ctx) => {
    const { lab, node } = ctx;
    const vmid = vmidOf(ctx);
    const only = ctx.params.get('disk');
    const check = () => {
      const { config } = requireGuest(lab, node, vmid);
      checkConfigLock(config);
      if (Object.keys(config.snapshots).length > 0)
        throw failure('unable to create template, because VM contains snapshots');
      if (isTemplate(config) && only === undefined)
        throw failure("you can't convert a template to a template");
      if (isRunning(lab, vmid)) throw failure("you can't convert a VM to template if VM is running");
    };
    guestOf(ctx);
    return withGuestLock(lab, node, vmid, { signal: ctx.signal }, async () => {
      check();
      return ctx.startTask({
        type: 'qmtemplate',
        id: vmid,
        run: (task) =>
          withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
            check();
            const { main } = requireGuest(lab, node, vmid).config;
            main.template = '1';
            for (const key of Object.keys(main).sort()) {
              if (!isDriveKey(key) || (only !== undefined && only !== key)) continue;
              const drive = parseDrive(key, main[key] ?? '');
              if (drive === undefined || isCdrom(drive) || !drive.file.includes(':')) continue;
              if (!lab.storages.has(node, drive.file, 'template'))
                throw failure(`Template feature is not available for '${drive.file}'`);
              main[key] = printDrive({ ...drive, file: await lab.storages.createBase(node, drive.file) });
            }
          }),
      });
    });
  }),
];
