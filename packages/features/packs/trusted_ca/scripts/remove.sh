#!/bin/sh
# remove.sh: takes our certificates out of the trust store.
set -eu
rm -rf /usr/local/share/ca-certificates/phoenix
update-ca-certificates --fresh
