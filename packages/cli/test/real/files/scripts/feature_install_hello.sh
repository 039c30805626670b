#!/bin/bash
# Prints one line a second, so that a test sees it arrive while it runs; then leaves a file with every kind of character.
set -e
for i in 1 2 3; do
  echo "hello: Schritt $i — ✓ 日本語 🚀"
  sleep 1
done
printf 'größe ✓ 日本語 🚀\n' >/etc/hello
cat /proc/sys/kernel/random/boot_id >>/var/lib/hello.runs
