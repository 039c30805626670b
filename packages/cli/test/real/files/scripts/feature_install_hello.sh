#!/bin/bash
# Prints a line and goes on only when somebody who has seen it says so; then leaves a file with every kind of character.
set -e
echo "hello: Schritt 1 — ✓ 日本語 🚀"
for i in $(seq 600); do
  [ ! -e /run/hello-seen ] || break
  sleep 0.5
done
[ -e /run/hello-seen ] || { echo "hello: nobody saw the first line"; exit 1; }
echo "hello: Schritt 2 — ✓ 日本語 🚀"
printf 'größe ✓ 日本語 🚀\n' >/etc/hello
cat /proc/sys/kernel/random/boot_id >>/var/lib/hello.runs
