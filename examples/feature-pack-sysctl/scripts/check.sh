#!/bin/sh
# check.sh: exits 0 when the file is as declared.
set -u
[ "$(cat /etc/sysctl.d/80-phoenix.conf 2>/dev/null)" = "$SYSCTL_FILE" ] || { echo 'the settings differ'; exit 1; }
