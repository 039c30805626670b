#!/bin/sh
# apply.sh: writes the file and loads it where the guest has the program. Safe to repeat.
set -eu
mkdir -p /etc/sysctl.d
printf '%s\n' "$SYSCTL_FILE" >/etc/sysctl.d/80-phoenix.conf
if command -v sysctl >/dev/null; then
  sysctl -q -p /etc/sysctl.d/80-phoenix.conf
else
  echo 'there is no sysctl here: the settings count from the next boot'
fi
