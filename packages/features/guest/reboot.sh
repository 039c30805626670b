#!/bin/sh
# reboot.sh BOOT: restarts the guest a second from now, unless it has been restarted since boot id BOOT.
set -u
now=unknown
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r now </proc/sys/kernel/random/boot_id
[ "$now" = "$1" ] || { echo rebooted; exit 0; }
if [ -d /run/systemd/system ]; then command='systemctl reboot'; else command='reboot'; fi
setsid /bin/sh -c "sleep 1; $command" </dev/null >/dev/null 2>&1 &
echo rebooting
