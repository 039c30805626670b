import type { AttachedDrive, GuestDefinition } from '../guest-runtime.js';
import { blockNode, type DriveFile, driveDevice, scsiController } from './drive-arguments.js';
import { type Nic, netdev, nicDevice, nicsOf } from './nic-arguments.js';
import type { RunningGuest } from './running-guest.js';
import type { UserNetwork } from './user-network.js';

/** Where hot-plugged devices find their files and networks. */
export interface HotplugSources {
  driveFile(drive: AttachedDrive): Promise<DriveFile | undefined>;
  network(guest: GuestDefinition, nic: Nic): Promise<UserNetwork>;
}

/**
 * Brings a running guest from its present definition to the next: media of CD-ROM drives, disks and NICs that came or went, links that went up or down.
 *
 * @throws Error with what QEMU said, or that the guest did not let go of a device.
 */
export async function hotplugGuest(
  guest: RunningGuest,
  next: GuestDefinition,
  sources: HotplugSources,
): Promise<void> {
  const before = guest.definition;
  const oldDrives = new Map(before.drives.map((drive) => [drive.key, drive]));
  const newDrives = new Map(next.drives.map((drive) => [drive.key, drive]));
  for (const [key, drive] of oldDrives) {
    const after = newDrives.get(key);
    if (drive.media === 'cdrom') {
      if (after !== undefined) await changeMedium(guest, after, drive, sources);
    } else if (after?.file?.path !== drive.file?.path) await unplugDrive(guest, key);
  }
  for (const [key, drive] of newDrives) {
    const old = oldDrives.get(key);
    if (drive.media === 'cdrom' || (old !== undefined && old.file?.path === drive.file?.path)) continue;
    await plugDrive(guest, next, drive, sources);
  }
  await changeNics(guest, next, sources);
  guest.definition = next;
}

async function changeMedium(
  guest: RunningGuest,
  after: AttachedDrive,
  before: AttachedDrive,
  sources: HotplugSources,
): Promise<void> {
  // A medium that is the same volume again may have other bytes (a regenerated cloud-init drive): it is inserted anew as well.
  if (after.file === undefined) {
    if (before.file !== undefined) await guest.monitor.execute('eject', { id: after.key, force: true });
    return;
  }
  const file = await sources.driveFile(after);
  if (file === undefined) return;
  await guest.monitor.execute('blockdev-change-medium', {
    id: after.key,
    filename: file.path,
    format: file.format,
    force: true,
    'read-only-mode': 'read-only',
  });
}

async function plugDrive(
  guest: RunningGuest,
  next: GuestDefinition,
  drive: AttachedDrive,
  sources: HotplugSources,
): Promise<void> {
  const file = await sources.driveFile(drive);
  if (file === undefined) return;
  const controller = scsiController(next, drive.key);
  if (controller !== undefined) {
    const [driver = '', ...options] = controller.split(',');
    const args = Object.fromEntries(options.map((option) => option.split('=')));
    await guest.monitor.execute('device_add', { driver, ...args }).catch((error: unknown) => {
      if (!/Duplicate/i.test(String(error))) throw error;
    });
  }
  await guest.monitor.execute('blockdev-add', blockNode(drive, file));
  try {
    await guest.monitor.execute('device_add', driveDevice(next, drive, true));
  } catch (error) {
    await guest.monitor.execute('blockdev-del', { 'node-name': `drive-${drive.key}` }).catch(() => {});
    throw error;
  }
}

async function unplugDrive(guest: RunningGuest, key: string): Promise<void> {
  await removeDevice(guest, key);
  await guest.monitor.execute('blockdev-del', { 'node-name': `drive-${key}` });
}

async function changeNics(
  guest: RunningGuest,
  next: GuestDefinition,
  sources: HotplugSources,
): Promise<void> {
  const old = new Map(nicsOf(guest.definition.config).map((nic) => [nic.key, nic]));
  const wanted = new Map(nicsOf(next.config).map((nic) => [nic.key, nic]));
  const isOther = (a: Nic, b: Nic | undefined): boolean =>
    b === undefined || a.mac !== b.mac || a.model !== b.model || a.mtu !== b.mtu;
  for (const [key, nic] of old) {
    if (!isOther(nic, wanted.get(key))) continue;
    await removeDevice(guest, `dev-${key}`);
    await guest.monitor.execute('netdev_del', { id: key });
  }
  for (const [key, nic] of wanted) {
    const before = old.get(key);
    if (before === undefined || isOther(before, nic)) {
      await guest.monitor.execute('netdev_add', netdev(nic, await sources.network(next, nic), next.name));
      await guest.monitor.execute('device_add', nicDevice(nic));
    }
    if ((before?.isLinkDown ?? false) !== nic.isLinkDown) {
      await guest.monitor.execute('set_link', { name: `dev-${key}`, up: !nic.isLinkDown });
    }
  }
}

/** Asks the guest to let go of a device and waits for it, five seconds at most, as PVE does. */
async function removeDevice(guest: RunningGuest, id: string): Promise<void> {
  const removed = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), 5000);
    guest.monitor.onEvent(({ event, data }) => {
      if (event !== 'DEVICE_DELETED' || data.device !== id) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
  await guest.monitor.execute('device_del', { id });
  if (!(await removed)) throw new Error(`error on hot-unplugging device '${id}'`);
}
