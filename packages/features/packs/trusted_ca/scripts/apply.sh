#!/bin/sh
# apply.sh: makes the trust store hold the declared certificates, and no other of ours. Safe to repeat.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

command -v update-ca-certificates >/dev/null || {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install ca-certificates </dev/null || {
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install ca-certificates </dev/null
  }
}

rm -rf "$directory.new"
mkdir -p "$directory.new"
for name in $PHOENIX_CERTIFICATE_NAMES; do
  certificate "$name" >"$directory.new/$name.crt"
done
chmod 0755 "$directory.new"
chmod 0644 "$directory.new"/*.crt
rm -rf "$directory"
mv "$directory.new" "$directory"
update-ca-certificates --fresh

# Docker reads the trust store only when it starts.
if [ -d /run/systemd/system ] && systemctl is-active --quiet docker; then
  systemctl restart docker
  echo 'restarted docker'
fi
