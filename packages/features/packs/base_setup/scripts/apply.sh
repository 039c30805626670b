#!/bin/sh
# apply.sh: installs packages, sets time zone and locale. Safe to repeat.
set -eu
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

if [ "${PHOENIX_OPTION_UPGRADE:-false}" = true ]; then
  apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
  apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold upgrade </dev/null
fi

# shellcheck disable=SC2086
install_packages ${PHOENIX_OPTION_PACKAGES:-}

if [ -n "${PHOENIX_OPTION_TIMEZONE:-}" ]; then
  [ -e "/usr/share/zoneinfo/$PHOENIX_OPTION_TIMEZONE" ] || install_packages tzdata
  if ! [ -e "/usr/share/zoneinfo/$PHOENIX_OPTION_TIMEZONE" ]; then
    echo "there is no time zone $PHOENIX_OPTION_TIMEZONE in /usr/share/zoneinfo" >&2
    exit 1
  fi
  ln -snf "/usr/share/zoneinfo/$PHOENIX_OPTION_TIMEZONE" /etc/localtime
  echo "$PHOENIX_OPTION_TIMEZONE" >/etc/timezone
  echo "time zone is $PHOENIX_OPTION_TIMEZONE"
fi

if [ -n "${PHOENIX_OPTION_LOCALE:-}" ]; then
  if ! has_locale; then
    install_packages locales
    charset=${PHOENIX_OPTION_LOCALE#*.}
    [ "$charset" != "$PHOENIX_OPTION_LOCALE" ] || charset=ISO-8859-1
    line="$PHOENIX_OPTION_LOCALE $charset"
    grep -qxF "$line" /etc/locale.gen 2>/dev/null || echo "$line" >>/etc/locale.gen
    # It says "done" and exits 0 whatever happens.
    locale-gen
    if ! has_locale; then
      echo "locale $PHOENIX_OPTION_LOCALE could not be made; are the files of the package locales in /usr/share/i18n? (dpkg's path-exclude, in /etc/dpkg/dpkg.cfg.d, may leave them out.)" >&2
      exit 1
    fi
  fi
  printf 'LANG=%s\n' "$PHOENIX_OPTION_LOCALE" >/etc/default/locale
  echo "locale is $PHOENIX_OPTION_LOCALE"
fi
