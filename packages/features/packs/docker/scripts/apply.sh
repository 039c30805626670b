#!/bin/sh
# apply.sh: installs Docker Engine, writes daemon.json, adds members to the group docker. Safe to repeat.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

# remove_packages PACKAGE…: what conflicts with the other source's packages. Images and volumes stay.
remove_packages() {
  for other in "$@"; do
    if is_installed "$other"; then
      echo "removing $other, which comes from another source"
      apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 remove "$other" </dev/null
    fi
  done
}

add_docker_repository() {
  install_packages ca-certificates curl
  mkdir -p /etc/apt/keyrings
  key=/etc/apt/keyrings/docker.asc
  curl -fsSL --retry 3 "$PHOENIX_OPTION_REPOSITORY/linux/$PHOENIX_PLATFORM_ID/gpg" -o "$key.new"
  mv "$key.new" "$key"
  chmod 0644 "$key"
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  printf 'deb [arch=%s signed-by=%s] %s/linux/%s %s %s\n' "$(dpkg --print-architecture)" "$key" \
    "$PHOENIX_OPTION_REPOSITORY" "$PHOENIX_PLATFORM_ID" "$codename" "$PHOENIX_OPTION_CHANNEL" \
    >/etc/apt/sources.list.d/docker.list
  apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
}

# The configuration comes first, so that the engine starts with it.
restart=no
if [ -n "${PHOENIX_OPTION_DAEMON:-}" ]; then
  mkdir -p /etc/docker
  if [ "$(cat /etc/docker/daemon.json 2>/dev/null)" != "$PHOENIX_OPTION_DAEMON" ]; then
    printf '%s\n' "$PHOENIX_OPTION_DAEMON" >/etc/docker/daemon.json.new
    mv /etc/docker/daemon.json.new /etc/docker/daemon.json
    echo 'wrote /etc/docker/daemon.json'
    restart=yes
  fi
fi

# Where the kernel has AppArmor on, the engine starts no container without the program that loads its profile.
if needs_apparmor; then install_packages apparmor; fi

if [ "$PHOENIX_OPTION_SOURCE" = docker ]; then
  if ! is_installed docker-ce; then
    add_docker_repository
    # Nothing that works is removed before its successor is in reach.
    if ! apt-cache show docker-ce >/dev/null 2>&1; then
      echo "$PHOENIX_OPTION_REPOSITORY has no docker-ce for this system (channel $PHOENIX_OPTION_CHANNEL)" >&2
      exit 1
    fi
  fi
  remove_packages docker.io docker-compose docker-doc podman-docker containerd runc
  install_packages docker-ce docker-ce-cli containerd.io docker-buildx-plugin
  [ "${PHOENIX_OPTION_COMPOSE:-true}" != true ] || install_packages docker-compose-plugin
else
  if ! is_installed docker.io; then
    remove_packages docker-compose-plugin docker-buildx-plugin docker-ce docker-ce-cli containerd.io
    rm -f /etc/apt/sources.list.d/docker.list /etc/apt/keyrings/docker.asc
  fi
  install_packages docker.io
  if [ "${PHOENIX_OPTION_COMPOSE:-true}" = true ]; then
    # Ubuntu calls it docker-compose-v2; Debian has docker-compose. A repository may have neither.
    installed=no
    for compose in docker-compose-v2 docker-compose-plugin docker-compose; do
      if apt-cache show "$compose" >/dev/null 2>&1; then
        install_packages "$compose"
        installed=yes
        break
      fi
    done
    [ "$installed" = yes ] || echo 'warning: no package with docker compose in the configured repositories'
  fi
fi

if [ -d /run/systemd/system ]; then
  systemctl enable --quiet docker
  if [ "$restart" = yes ]; then verb=restart; else verb=start; fi
  systemctl "$verb" docker || { journalctl -u docker -u docker.socket -n 10 --no-pager >&2; exit 1; }
fi

for user in ${PHOENIX_OPTION_USERS:-}; do
  id "$user" >/dev/null 2>&1 || { echo "there is no account $user to join the group docker" >&2; exit 1; }
  usermod -aG docker "$user"
  echo "$user is in the group docker"
done
docker --version
