import { failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import { isCdrom, isDriveKey, parseDrive, printDrive } from '../config/drive.js';
import { isVolumeInUse } from '../config/write-config.js';
import { checkConfigLock, isRunning, isTemplate, requireGuest, withGuestLock } from '../guest-access.js';

/** Gives a disk to another guest of the same node (POST …/move_disk with `target-vmid`). */
export function reassignDisk(
  ctx: RequestContext,
  move: { vmid: number; key: string; targetVmid: number },
): string {
  const { lab, node, params, caller } = ctx;
  const { vmid, key, targetVmid } = move;
  const targetKey = params.get('target-disk') ?? key;
  lab.access.checkGuest(caller, targetVmid, undefined, ['VM.Config.Disk']);
  if (vmid === targetVmid) throw failure("can't move to VM with same VMID");
  const check = () => {
    const source = requireGuest(lab, node, vmid);
    const target = requireGuest(lab, node, targetVmid);
    checkConfigLock(source.config);
    checkConfigLock(target.config);
    if (isTemplate(source.config)) throw failure("Can't move disks from or to template VMs");
    if (isTemplate(target.config)) throw failure("Can't move disks from or to template VMs");
    const text = source.config.main[key];
    if (text === undefined) throw failure(`Disk '${key}' for VM '${vmid}' does not exist`);
    const drive = parseDrive(key, text);
    if (drive === undefined || !drive.file.includes(':'))
      throw failure(`disk '${key}' has no associated volume`);
    if (isCdrom(drive)) throw failure("CD drive contents can't be moved to another VM");
    if (isVolumeInUse(source.config, key, drive.file))
      throw failure("Can't move disk used by a snapshot to another VM");
    if (!isDriveKey(targetKey) && !/^unused\d+$/.test(targetKey))
      throw failure(`Target disk key '${targetKey}' is not valid`);
    if (target.config.main[targetKey] !== undefined)
      throw failure(`Target disk key '${targetKey}' is already in use for VM '${targetVmid}'`);
    if (isRunning(lab, vmid) && isDriveKey(key)) throw failure("Can't move disks of a running VM");
    return { source, target, drive };
  };
  check();
  return ctx.startTask({
    type: 'qmmove',
    id: `${vmid}-${key}>${targetVmid}-${targetKey}`,
    run: (task) =>
      withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, () =>
        withGuestLock(lab, node, targetVmid, { log: task.log, signal: task.signal }, async () => {
          const { source, target, drive } = check();
          task.log(`moving disk '${key}' from VM '${vmid}' to '${targetVmid}'`);
          const volid = await lab.storages.reassign(node, drive.file, targetVmid);
          delete source.config.main[key];
          target.config.main[targetKey] = isDriveKey(targetKey)
            ? printDrive({ ...drive, key: targetKey, file: volid })
            : volid;
          task.log(`removing disk '${key}' from VM '${vmid}' config`);
        }),
      ),
  });
}
