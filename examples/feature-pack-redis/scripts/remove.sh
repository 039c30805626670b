#!/bin/sh
# remove.sh: removes the server and our configuration; the data in /var/lib/redis stays.
set -eu
rm -f /etc/redis/phoenix.conf /etc/redis/phoenix-password.conf
[ ! -f /etc/redis/redis.conf ] || sed -i '/^include \/etc\/redis\/phoenix.conf$/d' /etc/redis/redis.conf
apt-get -qq -y -o DPkg::Lock::Timeout=300 remove redis-server </dev/null
