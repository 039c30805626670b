#!/bin/sh
# check.sh: exits 0 when Redis is installed, configured as declared, and runs.
set -u

# The password comes in the environment, and never stands on a command line.
password_line() { [ -z "${PHOENIX_OPTION_PASSWORD:-}" ] || printf 'requirepass "%s"\n' "$PHOENIX_OPTION_PASSWORD"; }

[ "$(dpkg-query -W -f '${db:Status-Status}' redis-server 2>/dev/null)" = installed ] || { echo 'not installed'; exit 1; }
cmp -s redis.conf /etc/redis/phoenix.conf || { echo 'the configuration differs'; exit 1; }
[ "$(cat /etc/redis/phoenix-password.conf 2>/dev/null)" = "$(password_line)" ] || { echo 'the password differs'; exit 1; }
grep -qx 'include /etc/redis/phoenix.conf' /etc/redis/redis.conf || { echo 'the configuration is not included'; exit 1; }
[ ! -d /run/systemd/system ] || systemctl is-active --quiet redis-server || { echo 'not running'; exit 1; }
