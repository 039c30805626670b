#!/bin/sh
# apply.sh: installs and configures Redis. Safe to repeat.
set -eu

install_redis() {
  apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install redis-server </dev/null
}

command -v redis-server >/dev/null || install_redis || {
  apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null
  install_redis
}

cp redis.conf /etc/redis/phoenix.conf
chmod 0644 /etc/redis/phoenix.conf
umask 077
{ [ -z "${PHOENIX_OPTION_PASSWORD:-}" ] || printf 'requirepass "%s"\n' "$PHOENIX_OPTION_PASSWORD"; } >/etc/redis/phoenix-password.conf
chown redis:redis /etc/redis/phoenix-password.conf
grep -qx 'include /etc/redis/phoenix.conf' /etc/redis/redis.conf || echo 'include /etc/redis/phoenix.conf' >>/etc/redis/redis.conf
if [ -d /run/systemd/system ]; then
  systemctl enable --quiet redis-server
  systemctl restart redis-server
fi
echo "redis listens on port $PHOENIX_OPTION_PORT"
