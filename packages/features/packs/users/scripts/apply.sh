#!/bin/sh
# apply.sh: makes the declared accounts as declared. Safe to repeat. The password's hash goes over a pipe.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

i=0
while [ "$i" -lt "$PHOENIX_OPTION_USERS_COUNT" ]; do
  set +e
  read_user "$i"
  set -e
  i=$((i + 1))

  if [ "$state" = absent ]; then
    if getent passwd "$name" >/dev/null; then
      # Whoever is logged in keeps the account busy.
      pkill -KILL -u "$name" 2>/dev/null || true
      userdel "$name"
      echo "$name: deleted, the home directory stays"
    fi
    rm -f "$sudoers"
    continue
  fi

  [ -x "$shell" ] || { echo "$name: there is no shell $shell in this guest" >&2; exit 1; }
  for group in $groups; do
    getent group "$group" >/dev/null || { groupadd "$group"; echo "group $group: made"; }
  done
  if getent passwd "$name" >/dev/null; then
    usermod --shell "$shell" --comment "$comment" "$name"
  else
    # Without a group of its name the account gets one of its own.
    own=--user-group
    ! getent group "$name" >/dev/null || own="--gid $name"
    # shellcheck disable=SC2086
    useradd --create-home $own --shell "$shell" --comment "$comment" "$name"
    echo "$name: made"
  fi
  # shellcheck disable=SC2086
  [ -z "$groups" ] || usermod -aG "$(echo $groups | tr ' ' ',')" "$name"

  home=$(home_of "$name")
  if [ -n "$keys" ] || [ -e "$home/.ssh/authorized_keys" ]; then
    install -d -m 0700 -o "$name" -g "$(id -gn "$name")" "$home/.ssh"
    { [ -z "$keys" ] || printf '%s\n' "$keys"; } >"$home/.ssh/authorized_keys.new"
    chown "$name:$(id -gn "$name")" "$home/.ssh/authorized_keys.new"
    chmod 0600 "$home/.ssh/authorized_keys.new"
    mv "$home/.ssh/authorized_keys.new" "$home/.ssh/authorized_keys"
  fi

  if [ "$sudo" = none ]; then
    rm -f "$sudoers"
  else
    command -v sudo >/dev/null || apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install sudo </dev/null
    mkdir -p /etc/sudoers.d
    sudo_line >"$sudoers.new"
    chmod 0440 "$sudoers.new"
    visudo -cqf "$sudoers.new"
    mv "$sudoers.new" "$sudoers"
  fi

  if [ -n "$hash" ]; then
    printf '%s:%s\n' "$name" "$hash" | chpasswd -e
  fi
  if [ "$state" = locked ]; then
    usermod --lock "$name"
  fi
  echo "$name: as declared"
done
