/** Where cloud-init keeps scripts that run at every boot; `cloud-init clean` removes it. */
export const GUEST_AGENT_SCRIPT_PATH = '/var/lib/cloud/scripts/per-boot/10-phoenix-guest-agent';

/**
 * A script that makes the QEMU guest agent run. Safe to repeat; it costs nothing where the agent is there.
 *
 * The unit of Debian's and Ubuntu's package is static: installing it starts nothing, `systemctl enable` does nothing,
 * and its udev rule acts only on an event that was over before the package came. Hence the explicit start, which
 * must not block: without the virtio port the unit waits 90 s for its device.
 */
export const GUEST_AGENT_SCRIPT = `#!/bin/sh
# Written by Phoenix: installs the QEMU guest agent where it is missing, and starts it.

have() { command -v "$1" >/dev/null 2>&1; }

installed() { have qemu-ga || [ -x /usr/sbin/qemu-ga ] || [ -x /usr/bin/qemu-ga ]; }

install_agent() {
  if have apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 update
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install qemu-guest-agent
  elif have dnf; then dnf -q -y install qemu-guest-agent
  elif have yum; then yum -q -y install qemu-guest-agent
  elif have zypper; then zypper --quiet --non-interactive install qemu-guest-agent
  elif have apk; then apk add --quiet qemu-guest-agent
  elif have pacman; then pacman -Sy --noconfirm --needed qemu-guest-agent
  else
    echo "guest-agent: no known package manager"
    return 1
  fi
}

attempt=0
until installed; do
  attempt=$((attempt + 1))
  if [ "$attempt" -gt 6 ]; then
    echo "guest-agent: giving up after $((attempt - 1)) attempts"
    exit 1
  fi
  install_agent || { echo "guest-agent: attempt $attempt failed"; sleep $((attempt * 5)); }
done

if have systemctl; then
  systemctl daemon-reload
  systemctl start --no-block qemu-guest-agent.service
elif have rc-service; then
  rc-update add qemu-guest-agent default >/dev/null 2>&1
  rc-service qemu-guest-agent start
fi
echo "guest-agent: start requested"
`;
