#!/bin/sh
# apply.sh: writes our lines of fstab and mounts what they name. Safe to repeat.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

command -v mount.nfs >/dev/null || {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install nfs-common </dev/null || {
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install nfs-common </dev/null
  }
}

# What is declared no more, or differently, is unmounted first.
present_lines | while read -r source path rest; do
  our_lines | grep -qxF "$source $path $rest" || {
    umount -l "$path" 2>/dev/null && echo "$path: unmounted"
    true
  }
done

[ -e /etc/fstab ] || : >/etc/fstab
{
  other_lines
  echo "$begin"
  our_lines
  echo "$end"
} >/etc/fstab.phoenix
chmod 0644 /etc/fstab.phoenix
mv /etc/fstab.phoenix /etc/fstab
[ ! -d /run/systemd/system ] || systemctl daemon-reload

i=0
while [ "$i" -lt "$PHOENIX_OPTION_MOUNTS_COUNT" ]; do
  path=$(option "$i" PATH)
  mkdir -p "$path"
  if ! grep -qF " $path nfs" /proc/mounts; then
    mount "$path"
    echo "$path: mounted"
  fi
  i=$((i + 1))
done
