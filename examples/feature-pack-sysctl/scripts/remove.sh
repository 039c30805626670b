#!/bin/sh
# remove.sh: removes the file; the kernel keeps the values until the next boot.
set -eu
rm -f /etc/sysctl.d/80-phoenix.conf
