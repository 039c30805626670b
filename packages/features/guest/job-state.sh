# job-state.sh: what start.sh, poll.sh and kill.sh know of a job; put in front of each of them.
# A job is ROOT/jobs/JOB: pid (process and its start time), log, rc (exit code), boot and uptime (of its start).
# Functions leave their answer in variables: a process more or less counts on a slow guest.
# shellcheck shell=sh disable=SC2154,SC2034

# begun_at PID: sets `begun_at` to the process's start time in clock ticks since boot; a reused PID has another one.
# Where /proc tells nothing about processes it is 0 for every process that lives.
begun_at() {
  begun_at=
  if ! [ -r /proc/self/stat ]; then
    kill -0 "$1" 2>/dev/null || return 1
    begun_at=0
    return 0
  fi
  [ -r "/proc/$1/stat" ] && read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" != Z ] || return 1
  begun_at=${20}
}

# is_alive: the hook's process of job $dir still runs.
is_alive() {
  [ -f "$dir/pid" ] && read -r pid begun <"$dir/pid" && begun_at "$pid" && [ "$begun_at" = "$begun" ]
}

same_boot() {
  [ -f "$dir/boot" ] || return 0
  read -r before <"$dir/boot"
  read -r now </proc/sys/kernel/random/boot_id
  [ "$before" = "$now" ]
}

# job_state: sets `state` to absent | starting | running | lost | killed | exited CODE.
# It looks for rc twice: the job may end in between.
job_state() {
  if [ ! -d "$dir" ]; then state=absent
  elif [ -f "$dir/rc" ]; then read -r code <"$dir/rc"; state="exited $code"
  elif is_alive; then state=running
  elif [ -f "$dir/rc" ]; then read -r code <"$dir/rc"; state="exited $code"
  elif [ -f "$dir/killed" ]; then state=killed
  elif [ ! -s "$dir/pid" ] && same_boot; then state=starting
  else state=lost
  fi
}

# report OFFSET BYTES: the log from OFFSET on stdout, at most BYTES of it, as base64 (transports may spoil bytes that
# are no text, and a piece may end inside a letter); on stderr one fact a line.
# The state is read before the log: an ended state with no bytes left means that the log is complete.
report() {
  job_state
  size=0
  [ ! -s "$dir/log" ] || size=$(wc -c <"$dir/log")
  sent=$((size - $1))
  [ "$sent" -le "$2" ] || sent=$2
  if [ "$sent" -gt 0 ]; then
    tail -c "+$(($1 + 1))" "$dir/log" 2>/dev/null | head -c "$sent" | base64
  else
    sent=0
  fi
  elapsed=0
  boot=same
  same_boot || boot=changed
  if [ -f "$dir/uptime" ] && [ "$boot" = same ]; then
    read -r before rest <"$dir/uptime"
    read -r now rest </proc/uptime
    elapsed=$((${now%%.*} - ${before%%.*}))
  fi
  printf 'state %s\nsize %s\nsent %s\nelapsed %s\nboot %s\n' "$state" "$((size))" "$sent" "$elapsed" "$boot" >&2
  case $state in
    running | starting | 'exited 0') ;;
    *) df -Pk "$root" 2>/dev/null | { read -r _; read -r _ _ _ free _ && printf 'free %s\n' "$free" >&2; } ;;
  esac
}

# pause N: a tenth of a second, at first (N small) less; a whole one where sleep knows no fractions.
pause() {
  if [ "${1:-9}" -lt 5 ]; then sleep 0.03 2>/dev/null || sleep 1
  else sleep 0.1 2>/dev/null || sleep 1
  fi
}
