#!/bin/sh
# check.sh: exits 0 when packages, time zone and locale are as the options say.
set -u
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

for package in ${PHOENIX_OPTION_PACKAGES:-}; do
  is_installed "$package" || { echo "package $package is not installed"; exit 1; }
done

if [ -n "${PHOENIX_OPTION_TIMEZONE:-}" ]; then
  zone=$(readlink -f /etc/localtime)
  [ "$zone" = "$(readlink -f "/usr/share/zoneinfo/$PHOENIX_OPTION_TIMEZONE")" ] || {
    echo "time zone is ${zone#/usr/share/zoneinfo/}, expected $PHOENIX_OPTION_TIMEZONE"
    exit 1
  }
fi

if [ -n "${PHOENIX_OPTION_LOCALE:-}" ]; then
  grep -qx "LANG=\"\{0,1\}$PHOENIX_OPTION_LOCALE\"\{0,1\}" /etc/default/locale 2>/dev/null || {
    echo "locale is not $PHOENIX_OPTION_LOCALE"
    exit 1
  }
  has_locale || { echo "locale $PHOENIX_OPTION_LOCALE is not there"; exit 1; }
fi
exit 0
