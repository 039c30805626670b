/**
 * Makes a container's file system anonymous, so that each clone of it becomes a system of its own: run as root by `/bin/sh`.
 * `/etc/machine-id` is emptied, not removed, where systemd is; host keys are made anew by Proxmox VE at a clone's first start where the
 * distribution does not do it itself.
 */
export const sealScript = `set -u
command -v apt-get >/dev/null 2>&1 && { apt-get clean; rm -rf /var/lib/apt/lists/*; }
rm -f /etc/ssh/ssh_host_*key /etc/ssh/ssh_host_*key.pub
if [ -d /etc/ssh ] && command -v systemctl >/dev/null 2>&1 && command -v ssh-keygen >/dev/null 2>&1; then
  cat >/etc/systemd/system/phoenix-host-keys.service <<'UNIT'
[Unit]
Description=SSH host keys of a cloned container
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
Before=ssh.service sshd.service
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
[Install]
WantedBy=multi-user.target
UNIT
  systemctl enable phoenix-host-keys.service >/dev/null 2>&1
fi
rm -rf /tmp/* /var/tmp/* /root/.bash_history /var/lib/dhcp/*.leases /var/log/journal/*
find /var/log -type f -exec truncate -s 0 {} + 2>/dev/null
rm -rf /var/lib/phoenix/jobs
[ -e /etc/machine-id ] && : >/etc/machine-id
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
sync
echo sealed
`;
