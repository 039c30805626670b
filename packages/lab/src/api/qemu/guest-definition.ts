import type { AttachedDrive, GuestDefinition } from '../../guests/guest-runtime.js';
import type { Lab } from '../../lab.js';
import type { ConfigSection } from '../../state/guest-config.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { isCdrom } from './config/drive.js';
import { drivesOf, isVolid } from './disks/volume-access.js';

/** What the runtime is to run: a section of the configuration with its drives resolved to files. */
export function guestDefinition(
  lab: Lab,
  guest: GuestRecord,
  section: ConfigSection = guest.config.main,
): GuestDefinition {
  const drives = drivesOf(section).map((drive): AttachedDrive => {
    const attached = isVolid(drive.file);
    return {
      key: drive.key,
      media: isCdrom(drive) ? 'cdrom' : 'disk',
      options: drive.options,
      ...(attached && { volid: drive.file, file: lab.storages.file(guest.node, drive.file) }),
    };
  });
  return {
    vmid: guest.vmid,
    node: guest.node,
    name: section.name ?? `VM${guest.vmid}`,
    config: { ...section },
    drives,
  };
}
