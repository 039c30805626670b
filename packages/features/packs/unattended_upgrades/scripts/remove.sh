#!/bin/sh
# remove.sh: removes our configuration and stops the updates; the package stays.
set -eu
rm -f /etc/apt/apt.conf.d/52phoenix-unattended-upgrades
[ ! -d /run/systemd/system ] || systemctl disable --now --quiet apt-daily-upgrade.timer
