import type { CloudConfigPart } from '@phoenix/cloudinit';
import type { DeclaredDiskVolume, DeclaredNfsVolume, DeclaredVolume } from '../../config/model.js';

const SCRIPT_PATH = '/var/lib/cloud/scripts/per-boot/20-phoenix-volumes';

/**
 * What the seed of a machine does about its volumes: NFS directories are mounted by cloud-init, with the client that it takes; disks by a
 * script of every boot, which formats those on which `blkid` finds nothing at all and no others.
 */
export function describeVolumes(volumes: readonly DeclaredVolume[]): readonly CloudConfigPart[] {
  const mounts = volumes.filter((volume) => volume.kind === 'nfs').map(describeMount);
  const disks = volumes.filter((volume) => volume.kind === 'disk');
  const source = '`volumes`';
  return [
    ...(mounts.length === 0 ? [] : [{ source, config: { packages: ['nfs-common'], mounts } }]),
    ...(disks.length === 0
      ? []
      : [
          {
            source,
            config: {
              write_files: [
                {
                  path: SCRIPT_PATH,
                  permissions: '0755',
                  owner: 'root:root',
                  content: printVolumeScript(disks),
                },
              ],
            },
          },
        ]),
  ];
}

function describeMount(volume: DeclaredNfsVolume): readonly string[] {
  const options = volume.options ?? 'defaults,_netdev,nofail';
  return [`${volume.server}:${volume.path}`, volume.mountPoint, 'nfs', options, '0', '0'];
}

/** QEMU names a disk after its drive, and udev its link after that. */
function printVolumeScript(disks: readonly DeclaredDiskVolume[]): string {
  return `#!/bin/sh
# Written by Phoenix: formats declared volumes that are blank, and mounts them. Safe to repeat.

volume() {
  device=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-$1
  target=$2
  waited=0
  while [ ! -b "$device" ] && [ "$waited" -lt 30 ]; do
    waited=$((waited + 1))
    sleep 1
  done
  if [ ! -b "$device" ]; then
    echo "volumes: $device for $target is not there"
    return 1
  fi
  blkid -p "$device" >/dev/null 2>&1
  # 2: nothing was found. Whatever else it says, there is something that must not be lost.
  if [ $? -eq 2 ]; then
    echo "volumes: $device is blank, made into ext4 for $target"
    mkfs.ext4 -q "$device" || return 1
  fi
  mkdir -p "$target"
  grep -q "^$device " /etc/fstab || printf '%s %s auto defaults,nofail 0 2\\n' "$device" "$(printf '%s' "$target" | sed 's/ /\\\\040/g')" >>/etc/fstab
  mountpoint -q "$target" || mount "$device" "$target" || return 1
  resize2fs "$device" >/dev/null 2>&1 || true
}

${disks.map((disk) => `volume ${disk.slot} ${shellWord(disk.mountPoint)}`).join('\n')}
`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
