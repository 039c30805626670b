#!/bin/sh
# apply.sh: installs Docker Engine, writes daemon.json, adds members to the group docker. Safe to repeat.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

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

if [ "$PHOENIX_OPTION_SOURCE" = docker ]; then
  for other in docker.io docker-compose docker-doc podman-docker containerd runc; do
    if is_installed "$other"; then
      echo "removing $other, which conflicts with docker-ce"
      apt-get -qq -y -o DPkg::Lock::Timeout=300 remove "$other" </dev/null
    fi
  done
  is_installed docker-ce || add_docker_repository
  install_packages docker-ce docker-ce-cli containerd.io docker-buildx-plugin
  [ "${PHOENIX_OPTION_COMPOSE:-true}" != true ] || install_packages docker-compose-plugin
else
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
  if [ "$restart" = yes ]; then systemctl restart docker; else systemctl start docker; fi
fi

for user in ${PHOENIX_OPTION_USERS:-}; do
  id "$user" >/dev/null 2>&1 || { echo "there is no account $user to join the group docker" >&2; exit 1; }
  usermod -aG docker "$user"
  echo "$user is in the group docker"
done
docker --version
