#!/bin/sh
# remove.sh: removes the engine's packages and the repository; images and volumes in /var/lib/docker stay.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh
for package in docker-compose-plugin docker-compose-v2 docker-compose docker-buildx-plugin docker-ce docker-ce-cli \
  containerd.io docker.io; do
  if is_installed "$package"; then
    apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 remove "$package" </dev/null
  fi
done
rm -f /etc/apt/sources.list.d/docker.list /etc/apt/keyrings/docker.asc
echo '/var/lib/docker is left as it is'
