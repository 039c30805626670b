#!/bin/sh
# check.sh: exits 0 when fstab has the declared lines and every export is mounted.
set -u
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

[ "$(present_lines)" = "$(our_lines)" ] || { echo '/etc/fstab differs'; exit 1; }
i=0
while [ "$i" -lt "$PHOENIX_OPTION_MOUNTS_COUNT" ]; do
  path=$(option "$i" PATH)
  # /proc/mounts is read instead of the path itself: a server that is gone would block.
  grep -qF " $path nfs" /proc/mounts || { echo "$path is not mounted"; exit 1; }
  i=$((i + 1))
done
exit 0
