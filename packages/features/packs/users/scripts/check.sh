#!/bin/sh
# check.sh: exits 0 when every declared account is as declared.
set -u
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

differs() {
  echo "$name: $1"
  exit 1
}

i=0
while [ "$i" -lt "$PHOENIX_OPTION_USERS_COUNT" ]; do
  read_user "$i"
  i=$((i + 1))
  entry=$(getent passwd "$name")
  if [ "$state" = absent ]; then
    [ -z "$entry" ] || differs 'exists, expected none'
    continue
  fi
  [ -n "$entry" ] || differs 'there is no such account'
  [ "$(echo "$entry" | cut -d: -f7)" = "$shell" ] || differs 'has another shell'
  [ "$(echo "$entry" | cut -d: -f5 | cut -d, -f1)" = "$comment" ] || differs 'has another comment'
  for group in $groups; do
    id -nG "$name" | tr ' ' '\n' | grep -qx "$group" || differs "is not in the group $group"
  done
  file=$(home_of "$name")/.ssh/authorized_keys
  [ "$(cat "$file" 2>/dev/null)" = "$keys" ] || differs 'has other SSH keys'
  [ "$(cat "$sudoers" 2>/dev/null)" = "$(sudo_line)" ] || differs 'has other sudo rights'
  shadow=$(getent shadow "$name" | cut -d: -f2)
  if [ "$state" = locked ]; then
    case $shadow in '!'*) ;; *) differs 'is not locked' ;; esac
  elif [ -n "$hash" ]; then
    [ "$shadow" = "$hash" ] || differs 'has another password'
  fi
done
exit 0
