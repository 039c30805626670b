/**
 * Removes the identity of a machine before it becomes a template. In this order: cloud-init must be done, or it writes its state after the
 * clean; network files before the clean, which leaves them; machine-id near the end, because journald and D-Bus want it, and emptied, not
 * deleted, since the root is mounted read-only when systemd looks for it; freed blocks last. Programs that an image lacks are passed over.
 */
export const sealScript = `#!/bin/sh
set -u
# A seal that was cut off is begun again; its cloud-init is clean already and would be waited for in vain.
if [ ! -e /run/phoenix-sealing ]; then
  if command -v cloud-init >/dev/null 2>&1 && [ ! -e /run/cloud-init/result.json ]; then cloud-init status --wait >/dev/null 2>&1; fi
  : >/run/phoenix-sealing
fi
systemctl stop apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service 2>/dev/null
if command -v apt-get >/dev/null 2>&1; then apt-get clean; rm -rf /var/lib/apt/lists/*; fi
rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init* /etc/systemd/network/10-cloud-init-*
if command -v cloud-init >/dev/null 2>&1; then cloud-init clean --logs --seed 2>/dev/null || cloud-init clean --logs || exit 1; fi
rm -f /etc/ssh/ssh_host_*key /etc/ssh/ssh_host_*key.pub
# Stopped, it has saved its seed for the last time; else it would do so at the shutdown, and all clones would start from that one.
systemctl stop systemd-random-seed.service 2>/dev/null
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /root/.bash_history /home/*/.bash_history
rm -rf /tmp/* /var/tmp/* /var/lib/dhcp/*.leases
journalctl --relinquish-var >/dev/null 2>&1
rm -rf /var/log/journal/*
find /var/log -type f -exec truncate -s 0 {} + 2>/dev/null
: >/etc/machine-id || exit 1
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
sync
fstrim -a 2>/dev/null
sync
echo sealed
`;
