# lib.sh: what the scripts of this pack share.
# shellcheck shell=sh

# is_installed PACKAGE: dpkg has it completely.
is_installed() {
  case $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) in
    installed) return 0 ;;
    *) return 1 ;;
  esac
}

# install_packages PACKAGE…: installs what is missing; waits for other users of apt, tries again when the network fails.
install_packages() {
  missing=
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing$missing"
  # A package index may be there already; fetching it is only needed where installing fails without.
  # shellcheck disable=SC2086
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --no-install-recommends install $missing </dev/null && return 0
  echo 'updating the package index'
  apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null || echo 'warning: apt-get update failed'
  dpkg --configure -a </dev/null || return 1
  # shellcheck disable=SC2086
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 --no-install-recommends install $missing </dev/null
}

# needs_apparmor: the kernel confines programs with AppArmor, and nothing is there that loads profiles.
needs_apparmor() {
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || return 1
  [ ! -x /usr/sbin/apparmor_parser ] && [ ! -x /sbin/apparmor_parser ]
}
