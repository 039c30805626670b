#!/bin/sh
# check.sh: exits 0 when exactly the declared certificates are installed and trusted.
set -u
cd "$(dirname "$0")" || exit 127
# shellcheck source=lib.sh
. ./lib.sh

for name in $PHOENIX_CERTIFICATE_NAMES; do
  if [ "$(cat "$directory/$name.crt" 2>/dev/null)" != "$(certificate "$name")" ] || ! [ -e "/etc/ssl/certs/$name.pem" ]; then
    echo "certificate $name is not installed"
    exit 1
  fi
done
for file in "$directory"/*.crt; do
  [ -e "$file" ] || continue
  name=${file##*/}
  case " $PHOENIX_CERTIFICATE_NAMES " in
    *" ${name%.crt} "*) ;;
    *) echo "certificate ${name%.crt} is not declared any more"; exit 1 ;;
  esac
done
exit 0
