# job-state.sh: what start.sh, poll.sh and kill.sh know of a job; put in front of each of them.
# A job is ROOT/jobs/JOB: pid (process and its start time), log, rc (exit code), boot and uptime (of its start).
# shellcheck shell=sh disable=SC2154

# begun_at PID: the process's start time in clock ticks since boot; a reused PID has another one.
begun_at() {
  [ -r "/proc/$1/stat" ] || return 1
  read -r stat <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" != Z ] || return 1
  echo "${20}"
}

# is_alive: the hook's process of job $dir still runs.
is_alive() {
  [ -f "$dir/pid" ] || return 1
  read -r pid begun <"$dir/pid" || return 1
  [ "$(begun_at "$pid")" = "$begun" ]
}

same_boot() {
  [ -f "$dir/boot" ] || return 0
  read -r before <"$dir/boot"
  read -r now </proc/sys/kernel/random/boot_id
  [ "$before" = "$now" ]
}

# job_state: absent | starting | running | lost | killed | exited CODE. Looks for rc twice: the job may end in between.
job_state() {
  if [ ! -d "$dir" ]; then echo absent
  elif [ -f "$dir/rc" ]; then read -r code <"$dir/rc"; echo "exited $code"
  elif is_alive; then echo running
  elif [ -f "$dir/rc" ]; then read -r code <"$dir/rc"; echo "exited $code"
  elif [ -f "$dir/killed" ]; then echo killed
  elif [ ! -f "$dir/pid" ] && same_boot; then echo starting
  else echo lost
  fi
}

# report OFFSET BYTES: the log from OFFSET on stdout, at most BYTES of it; on stderr one fact a line.
# The state is read before the log: an ended state with no bytes left means that the log is complete.
report() {
  state=$(job_state)
  size=0
  if [ -f "$dir/log" ]; then
    size=$(wc -c <"$dir/log")
    [ "$size" -le "$1" ] || tail -c "+$(($1 + 1))" "$dir/log" 2>/dev/null | head -c "$2"
  fi
  elapsed=0
  if [ -f "$dir/uptime" ] && same_boot; then
    read -r before rest <"$dir/uptime"
    read -r now rest </proc/uptime
    elapsed=$((${now%%.*} - ${before%%.*}))
  fi
  boot=same
  same_boot || boot=changed
  free=$(df -Pk "$root" 2>/dev/null | { read -r _; read -r _ _ _ free _; echo "${free:-unknown}"; })
  printf 'state %s\nsize %s\nelapsed %s\nboot %s\nfree %s\n' "$state" "$((size))" "$elapsed" "$boot" "$free" >&2
}

# pause N: a tenth of a second, at first (N small) less; a whole one where sleep knows no fractions.
pause() {
  if [ "${1:-9}" -lt 5 ]; then sleep 0.03 2>/dev/null || sleep 1
  else sleep 0.1 2>/dev/null || sleep 1
  fi
}
