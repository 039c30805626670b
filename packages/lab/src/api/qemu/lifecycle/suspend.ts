import type { RequestContext } from '../../../http/route.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { bootDrives } from '../config/boot-order.js';
import { parseDrive } from '../config/drive.js';
import { parseProperties } from '../config/property-string.js';
import { formattingLine } from '../disks/copy-log.js';
import { checkConfigLock, requireGuest, vmidOf, withGuestLock } from '../guest-access.js';

/** The storage for a guest's memory: as configured, else that of its first disk, else `local`. */
export function stateStorage(guest: GuestRecord): string {
  const { main } = guest.config;
  if (main.vmstatestorage !== undefined) return main.vmstatestorage;
  for (const key of bootDrives(main)) {
    const drive = parseDrive(key, main[key] ?? '');
    if (drive?.file.includes(':') === true) return drive.file.split(':')[0] ?? 'local';
  }
  return 'local';
}

/** Makes the volume that a guest's memory goes to; its size leaves room for devices. */
export async function allocateState(
  lab: Lab,
  guest: GuestRecord,
  name: string,
  log: (line: string) => void,
): Promise<string> {
  const memoryMib = Number(parseProperties(guest.config.main.memory ?? '512', 'current').current ?? 512);
  const storage = stateStorage(guest);
  const sizeBytes = (memoryMib * 2 + 500) * 2 ** 20;
  const entry = lab.storages.entry(storage);
  const suffix = entry.path === undefined ? '' : '.raw';
  const volid = await lab.storages.allocate({
    node: guest.node,
    storage,
    vmid: guest.vmid,
    format: 'raw',
    name: `vm-${guest.vmid}-state-${name}${suffix}`,
    sizeBytes,
  });
  log(formattingLine(lab.storages.path(guest.node, volid), 'raw', sizeBytes));
  return volid;
}

/** Notes machine and CPU model with a stored memory, without which it could not be resumed. */
export function runningHardware(
  lab: Lab,
  guest: GuestRecord,
): { runningmachine: string; runningcpu: string } {
  const process = lab.runtime.process(guest.vmid);
  return {
    runningmachine: process?.machine ?? 'pc-i440fx-9.2+pve0',
    runningcpu: guest.config.main.cpu ?? 'kvm64',
  };
}

/** POST …/status/suspend with `todisk`: memory to a volume, then off; lock `suspended` until the next start. */
export function suspendToDisk(ctx: RequestContext, skipLock: boolean): string {
  const { lab, node } = ctx;
  const vmid = vmidOf(ctx);
  return ctx.startTask({
    type: 'qmsuspend',
    id: vmid,
    run: (task) =>
      withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
        const guest = requireGuest(lab, node, vmid);
        if (!skipLock) checkConfigLock(guest.config);
        const date = new Date(lab.clock.now()).toISOString().slice(0, 10);
        const { main } = guest.config;
        main.lock = 'suspending';
        try {
          const volid = await allocateState(lab, guest, `suspend-${date}`, (line) => task.log(line));
          Object.assign(main, runningHardware(lab, guest), { vmstate: volid });
          await lab.runtime.pause(vmid);
          await lab.runtime.saveState(vmid, lab.storages.file(node, volid));
          task.log('State saved, quitting');
          await lab.runtime.stop(vmid);
          main.lock = 'suspended';
        } catch (error) {
          delete main.lock;
          throw error;
        }
      }),
  });
}
