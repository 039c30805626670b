#!/bin/sh
# verify.sh: exits 0 when the server answers a client.
set -u
export REDISCLI_AUTH="${PHOENIX_OPTION_PASSWORD:-}"
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
n=0
until answer=$(redis-cli -p "$PHOENIX_OPTION_PORT" ping 2>&1) && [ "$answer" = PONG ]; do
  n=$((n + 1))
  [ "$n" -le 20 ] || { echo "the server answers: $answer" >&2; exit 1; }
  sleep 1
done
echo 'PONG'
