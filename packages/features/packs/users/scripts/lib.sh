# lib.sh: what the scripts of this pack share.
# shellcheck shell=sh disable=SC2034

# option KEY: the current account's value, from PHOENIX_OPTION_USERS_<n>_<KEY>.
option() { eval "printf '%s\n' \"\${PHOENIX_OPTION_USERS_${n}_$1:-}\""; }

# read_user N: sets the variables of account N.
read_user() {
  n=$1
  name=$(option NAME)
  keys=$(option KEYS)
  groups=$(option GROUPS | tr '\n' ' ')
  sudo=$(option SUDO)
  shell=$(option SHELL)
  hash=$(option PASSWORD_HASH)
  comment=$(option COMMENT)
  state=$(option STATE)
  sudoers=/etc/sudoers.d/phoenix-$name
}

# sudo_line: what the account's file in sudoers.d must say.
sudo_line() {
  case $sudo in
    password) printf '%s ALL=(ALL:ALL) ALL\n' "$name" ;;
    passwordless) printf '%s ALL=(ALL:ALL) NOPASSWD:ALL\n' "$name" ;;
  esac
}

home_of() { getent passwd "$1" | cut -d: -f6; }
