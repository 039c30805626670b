#!/bin/sh
# poll.sh ROOT JOB OFFSET BYTES WAIT: the job's log from OFFSET (at most BYTES) on stdout, its state on stderr.
# Waits up to WAIT tenths of a second for a byte beyond OFFSET or for the end.
set -u
root=$1 job=$2 offset=$3 bytes=$4 wait=$5
dir=$root/jobs/$job
n=0
while [ "$n" -lt "$wait" ] && [ -f "$dir/log" ] && [ ! -f "$dir/rc" ] && [ "$(wc -c <"$dir/log")" -le "$offset" ]; do
  [ $((n % 10)) -ne 9 ] || is_alive || [ ! -s "$dir/pid" ] || break
  pause "$n"
  n=$((n + 1))
done
report "$offset" "$bytes"
