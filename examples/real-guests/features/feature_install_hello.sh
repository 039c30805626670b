#!/bin/sh
# A feature as a script: runs once in the guest, as root; what it prints is shown while it runs.
set -e
for step in 1 2 3; do
  echo "hello, step $step on $(hostname)"
  sleep 1
done
echo "hello from $(hostname)" >/etc/hello
