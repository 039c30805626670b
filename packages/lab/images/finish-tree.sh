#!/bin/sh
# Turns a bootstrapped Debian tree into the file systems of the two lab images.
#
#   finish-tree.sh BASE.tar WORK
#
# WORK receives boot.img, core.img (GRUB for the gap before the first partition), bare.ext4 (no
# guest agent) and full.ext4 (the same with the agent). Runs as root or as root of a user namespace.
# ROOT_UUID, FS_KIB and SOURCE_DATE_EPOCH come from the caller.
set -eu
tar=$1 work=$2 tree=$2/tree
export E2FSPROGS_FAKE_TIME="$SOURCE_DATE_EPOCH" DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

mkdir -p "$tree"
tar -xf "$tar" -C "$tree" --numeric-owner --exclude='./dev/*'

# --- boot: an initrd of a few modules, and GRUB for a BIOS disk ------------------------------------
mkdir -p "$tree/etc/tiny-initramfs"
cat >"$tree/etc/tiny-initramfs/tiny-initramfs.conf" <<END
DEBUG=no
MICROCODE=no
AUTO_MODULES=no
INCLUDE_MODULES="virtio_pci,virtio_blk,virtio_scsi,sd_mod,ata_piix,sr_mod"
END
kernel=$(ls "$tree/lib/modules")
chroot "$tree" mktirfs -o "/boot/initrd.img-$kernel" "$kernel"
rm -f "$tree/vmlinuz.old" "$tree/initrd.img.old"
ln -sf "boot/vmlinuz-$kernel" "$tree/vmlinuz"
ln -sf "boot/initrd.img-$kernel" "$tree/initrd.img"

mkdir -p "$tree/boot/grub"
cat >"$tree/boot/grub/grub.cfg" <<END
set timeout=0
linux /vmlinuz root=UUID=$ROOT_UUID ro console=ttyS0,115200 quiet net.ifnames=0 mitigations=off
initrd /initrd.img
boot
END
printf 'set root=(hd0,msdos1)\nconfigfile /boot/grub/grub.cfg\n' >"$tree/tmp/early.cfg"
chroot "$tree" grub-mkimage -O i386-pc -o /tmp/core.img -c /tmp/early.cfg -p /boot/grub \
  biosdisk part_msdos ext2 linux normal configfile
mv "$tree/tmp/core.img" "$work/core.img"
cp "$tree/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
chroot "$tree" dpkg --purge grub-pc-bin grub-common >/dev/null 2>&1 || true
rm -rf "$tree/usr/lib/grub" "$tree/tmp/early.cfg"

# --- the system --------------------------------------------------------------------------------------
echo "UUID=$ROOT_UUID / ext4 noatime,errors=remount-ro 0 0" >"$tree/etc/fstab"
echo localhost >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$tree/etc/hosts"
echo LANG=C.UTF-8 >"$tree/etc/default/locale"
chroot "$tree" systemctl enable systemd-networkd systemd-resolved >/dev/null 2>&1
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer getty@tty1.service systemd-pstore.service \
  systemd-networkd-persistent-storage.service; do
  ln -sf /dev/null "$tree/etc/systemd/system/$unit"
done
cat >"$tree/etc/cloud/cloud.cfg.d/90_lab.cfg" <<'END'
# One data source, so that nothing else is probed for; one host key, RSA is slow to make without KVM.
datasource_list: [ NoCloud, ConfigDrive, None ]
locale: C.UTF-8
ssh_genkeytypes: [ ed25519 ]
apt: { preserve_sources_list: true }
system_info:
  network:
    renderers: [ networkd ]
END

# A CD-ROM may appear only after ds-identify has looked: cloud-init then looks for itself.
echo 'policy: search,found=all,maybe=all,notfound=enabled' >"$tree/etc/cloud/ds-identify.cfg"

# --- a flat package repository inside the image: what installs without any network -------------------
repo=$tree/opt/offline-packages
: >"$repo/Packages"
for deb in "$repo"/*.deb; do
  plain=$(basename "$deb" | sed -E 's/_[0-9]+%3a/_/')
  [ "$repo/$plain" = "$deb" ] || mv "$deb" "$repo/$plain"
  { chroot "$tree" dpkg-deb -f "/opt/offline-packages/$plain"
    echo "Filename: ./$plain"
    echo "Size: $(stat -c %s "$repo/$plain")"
    echo "SHA256: $(sha256sum "$repo/$plain" | cut -d' ' -f1)"
    echo
  } >>"$repo/Packages"
done
mv "$tree/etc/apt/sources.list" "$work/sources.list"
echo 'deb [trusted=yes] file:/opt/offline-packages ./' >"$tree/etc/apt/sources.list"

clean() {
  rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb \
    "$tree"/var/log/*.log "$tree"/var/log/apt/* "$tree"/var/lib/dbus/machine-id "$tree"/etc/ssh/ssh_host_*
  : >"$tree/etc/machine-id" # empty, so that every clone's first boot makes its own
  ln -sf ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
  find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}
filesystem() {
  rm -f "$1"
  mke2fs -q -t ext4 -L rootfs -U "$ROOT_UUID" -O '^metadata_csum_seed' -m 1 -J size=16 \
    -E "lazy_itable_init=1,lazy_journal_init=1,hash_seed=$ROOT_UUID" -d "$tree" "$1" "${FS_KIB}k"
}

clean
cp "$tree/var/lib/dpkg/status" "$work/bare.status"
filesystem "$work/bare.ext4"

# The same system with the agent, and with the distribution's own package source.
chroot "$tree" sh -c 'cd /opt/offline-packages && dpkg -i $(ls | grep -E "^(qemu-guest-agent|libglib|liburing|libpcre|libnuma)")' >"$work/agent.log" 2>&1 ||
  { cat "$work/agent.log" >&2; exit 1; }
cp "$work/sources.list" "$tree/etc/apt/sources.list"
clean
cp "$tree/var/lib/dpkg/status" "$work/full.status"
filesystem "$work/full.ext4"
rm -rf "$tree"
