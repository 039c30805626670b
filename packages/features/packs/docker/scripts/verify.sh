#!/bin/sh
# verify.sh: exits 0 when the engine answers. It may take a while after its first start.
set -u
docker --version || exit 1
n=0
until docker info --format 'engine {{.ServerVersion}}, storage driver {{.Driver}}' 2>/dev/null; do
  n=$((n + 1))
  if [ "$n" -gt 30 ]; then
    echo 'the engine does not answer:' >&2
    docker info 2>&1 | tail -n 5 >&2
    [ ! -d /run/systemd/system ] || journalctl -u docker -n 10 --no-pager >&2
    exit 1
  fi
  sleep 2
done
