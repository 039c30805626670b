#!/bin/sh
# check.sh: exits 0 when unattended-upgrades is installed and configured as declared.
set -fu
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

[ "$(dpkg-query -W -f '${db:Status-Status}' unattended-upgrades 2>/dev/null)" = installed ] || {
  echo 'the package unattended-upgrades is not installed'
  exit 1
}
[ "$(cat "$file" 2>/dev/null)" = "$(configuration)" ] || { echo "$file differs"; exit 1; }
exit 0
