#!/bin/sh
# apply.sh: installs and configures unattended-upgrades. Safe to repeat.
set -efu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

if ! command -v unattended-upgrade >/dev/null; then
  apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install unattended-upgrades </dev/null || {
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install unattended-upgrades </dev/null
  }
fi
configuration >"$file.new"
chmod 0644 "$file.new"
mv "$file.new" "$file"
if [ -d /run/systemd/system ]; then
  # Images for virtual machines often mask these timers.
  systemctl unmask --quiet apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service
  systemctl enable --quiet apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service
  systemctl start apt-daily.timer apt-daily-upgrade.timer
fi
