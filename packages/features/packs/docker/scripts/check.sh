#!/bin/sh
# check.sh: exits 0 when Docker Engine of the wanted source is installed, runs, and has its members and configuration.
set -u
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

case $PHOENIX_OPTION_SOURCE in docker) engine=docker-ce ;; *) engine=docker.io ;; esac
is_installed "$engine" || { echo "package $engine is not installed"; exit 1; }
if [ -d /run/systemd/system ] && ! systemctl is-active --quiet docker; then
  echo 'the docker service does not run'
  exit 1
fi
if needs_apparmor; then
  echo 'AppArmor is on, and apparmor_parser is not installed: no container would start'
  exit 1
fi
for user in ${PHOENIX_OPTION_USERS:-}; do
  id -nG "$user" 2>/dev/null | tr ' ' '\n' | grep -qx docker || { echo "$user is not in the group docker"; exit 1; }
done
if [ -n "${PHOENIX_OPTION_DAEMON:-}" ]; then
  [ "$(cat /etc/docker/daemon.json 2>/dev/null)" = "$PHOENIX_OPTION_DAEMON" ] || { echo 'daemon.json differs'; exit 1; }
fi
exit 0
