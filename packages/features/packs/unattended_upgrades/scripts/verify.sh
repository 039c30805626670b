#!/bin/sh
# verify.sh: exits 0 when apt reads the configuration as it is meant.
set -u
read_back=$(apt-config dump APT::Periodic::Unattended-Upgrade) || exit 1
[ "$read_back" = 'APT::Periodic::Unattended-Upgrade "1";' ] || { echo "apt reads: $read_back"; exit 1; }
reboot=$(apt-config dump Unattended-Upgrade::Automatic-Reboot | head -n 1)
[ "$reboot" = "Unattended-Upgrade::Automatic-Reboot \"$PHOENIX_OPTION_REBOOT\";" ] || { echo "apt reads: $reboot"; exit 1; }
[ ! -d /run/systemd/system ] || systemctl is-active --quiet apt-daily-upgrade.timer || { echo 'the timer does not run'; exit 1; }
