#!/bin/sh
# kill.sh ROOT JOB GRACE OFFSET BYTES: ends the job's processes: its systemd unit, or every process of its session. First by
# TERM, after GRACE tenths of a second by KILL. Reports the state and the end of the log as poll.sh does.
set -u
root=$1 job=$2 grace=$3 offset=$4 bytes=$5
dir=$root/jobs/$job

# members: the processes of the job's session, its leader among them; without /proc, its process group as a whole.
members() {
  if ! [ -r /proc/self/stat ]; then
    ! kill -0 "$pid" 2>/dev/null || printf -- '-%s' "$pid"
    return
  fi
  for file in /proc/[0-9]*/stat; do
    read -r stat 2>/dev/null <"$file" || continue
    id=${file#/proc/}
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [ "$1" = Z ] || [ "$4" != "$pid" ] || printf '%s ' "${id%/stat}"
  done
}

send() {
  if [ -f "$dir/detached" ]; then
    systemctl kill --signal="$1" "phoenix-$job" 2>/dev/null
  else
    # shellcheck disable=SC2046
    kill -s "$1" -- $(members) 2>/dev/null
  fi
}

remain() {
  if [ -f "$dir/detached" ]; then
    systemctl is-active --quiet "phoenix-$job" 2>/dev/null
  else
    [ -n "$(members)" ]
  fi
}

if [ -f "$dir/pid" ] && same_boot; then
  read -r pid begun <"$dir/pid"
  : >"$dir/killed"
  send TERM
  n=0
  while [ "$n" -lt "$grace" ] && remain; do
    pause "$n"
    n=$((n + 1))
  done
  if remain; then
    send KILL
    pause 9
  fi
fi
report "$offset" "$bytes"
