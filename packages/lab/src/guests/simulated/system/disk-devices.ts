import type { FileNode } from '../files/file-node.js';
import type { GuestDisk, Machine } from './machine.js';

function blockDevice(): FileNode {
  return { kind: 'device', mode: 0o660, uid: 0, gid: 6, mtime: 0, device: 'block' };
}

/** Makes the device files of the machine's disks, and udev's links to them by the names that QEMU gives them. */
export function placeDisks(machine: Machine): void {
  const { files } = machine;
  files.makeDirectory('/dev/disk/by-id', { parents: true });
  for (const name of files.list('/dev')) if (/^[sv]d[a-z]\d?$/.test(name)) files.remove(`/dev/${name}`);
  for (const name of files.list('/dev/disk/by-id')) files.remove(`/dev/disk/by-id/${name}`);
  for (const { name, slot, filesystem } of machine.parts.hardware.disks()) {
    files.place(`/dev/${name}`, blockDevice());
    if (filesystem !== undefined) files.place(`/dev/${name}1`, blockDevice());
    const id = slot.startsWith('virtio') ? `virtio-${slot}` : `scsi-0QEMU_QEMU_HARDDISK_drive-${slot}`;
    files.link(`../../${name}`, `/dev/disk/by-id/${id}`);
  }
}

/** The disk that a path names, through links and partitions; undefined when it is none. */
export function diskAt(machine: Machine, path: string): GuestDisk | undefined {
  const name = machine.files
    .resolve(path)
    .replace(/^\/dev\//, '')
    .replace(/\d+$/, '');
  return machine.parts.hardware.disks().find((disk) => disk.name === name);
}
