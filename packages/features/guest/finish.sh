#!/bin/sh
# finish.sh ROOT JOB FEATURE BUNDLE VERB: the job's result was taken; its directory goes, and those of its runs after
# reboots (JOB.r1 and on). JOB "-" is none. stdin: the first line is a
# receipt (one line of JSON), the rest the log to keep (empty: the job's own last 256 KiB).
# VERB: apply writes the receipt and drops the feature's other bundles; remove deletes the receipt and all bundles;
# discard keeps both as they are.
set -u
umask 077
root=$1 job=$2 feature=$3 bundle=$4 verb=$5
dir=$root/jobs/$job

mkdir -p "$root/receipts" "$root/logs" || exit 73
IFS= read -r receipt
cat >"$root/logs/.$feature.$$" || { rm -f "$root/logs/.$feature.$$"; exit 73; }
if [ ! -s "$root/logs/.$feature.$$" ]; then
  for run in "$dir" "$dir".r*; do
    [ ! -f "$run/log" ] || tail -c 262144 "$run/log" >"$root/logs/.$feature.$$" || : >"$root/logs/.$feature.$$"
  done
fi
if [ -s "$root/logs/.$feature.$$" ]; then
  mv "$root/logs/.$feature.$$" "$root/logs/$feature.log"
else
  rm -f "$root/logs/.$feature.$$"
fi
case $verb in
  apply)
    printf '%s\n' "$receipt" >"$root/receipts/.$feature.$$" || { rm -f "$root/receipts/.$feature.$$"; exit 73; }
    mv "$root/receipts/.$feature.$$" "$root/receipts/$feature.json" || exit 73
    for old in "$root/packs/$feature"/*; do
      [ "${old##*/}" = "$bundle" ] || rm -rf "$old"
    done
    ;;
  remove) rm -rf "$root/receipts/$feature.json" "$root/packs/$feature" ;;
esac
[ "$job" = - ] || rm -rf "$dir" "$dir".r*
echo finished
