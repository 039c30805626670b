#!/bin/sh
# start.sh ROOT JOB PACK WAIT DETACH KEEP SPOOLED SCRIPT INTERPRETER [ARGUMENT]: starts one hook once, detached; waits
# up to WAIT tenths of a second for its end, then reports as poll.sh does from offset 0. DETACH is systemd or setsid.
# KEEP is keep, or once: a job that ended in this very trip leaves nothing behind.
# stdin, or the file SPOOLED if that is not "-": shell assignments, the hook's environment; `phoenix_stdin` among them
# is the JSON for its standard input. They leave the disk as soon as the hook has read them.
# PACK is the unpacked bundle, SCRIPT a path in it.
# The job's directory is the claim: a second start finds it and only reports.
# First line on stderr: started | exists | no-bundle | cut | no-interpreter NAME. After cut nothing was started: ask again.
set -u
umask 077
root=$1 job=$2 pack=$3 wait=$4 detach=$5 keep=$6 spooled=$7 script=$8
shift 8
dir=$root/jobs/$job

if ! [ -f "$pack/.complete" ] || ! [ -f "$pack/$script" ]; then
  echo no-bundle >&2
  exit 0
fi
interpreter=$1
case $interpreter in */env) interpreter=${2:-env} ;; esac
command -v "$interpreter" >/dev/null 2>&1 || { echo "no-interpreter $interpreter" >&2; exit 0; }

# Runs the hook in its pack's directory: everything that it prints goes to the log, its exit code to rc.
# An environment that was cut short on its way must not run: the job disappears.
# shellcheck disable=SC2016
run='
dir=$1 pack=$2 script=$3
shift 3
. "$dir/environment"
[ "${phoenix_complete:-}" = 1 ] || { rm -rf "$dir"; exit 1; }
begun=0
if [ -r "/proc/$$/stat" ]; then
  read -r stat <"/proc/$$/stat"
  begun=$(set -- ${stat##*) }; echo "${20}")
fi
echo "$$ $begun" >"$dir/pid"
printf %s "$phoenix_stdin" >"$dir/stdin"
unset phoenix_stdin phoenix_complete
exec <"$dir/stdin"
rm -f "$dir/stdin" "$dir/environment"
umask 022
cd "$pack" && "$@" "./$script" >>"$dir/log" 2>&1
code=$?
printf "%-15s\n" "$code" 1<>"$dir/result"
mv "$dir/result" "$dir/rc"
'

launch() {
  # Space for the result is taken before the hook starts: a disk that fills up later cannot lose the exit code.
  printf '%-15s\n' reserved >"$dir/result" && : >"$dir/log" || return 73
  if [ "$spooled" = - ]; then
    cat >"$dir/environment" || return 73
  else
    mv "$spooled" "$dir/environment" || return 74
  fi
  if [ -r /proc/sys/kernel/random/boot_id ]; then
    read -r line </proc/sys/kernel/random/boot_id
    echo "$line" >"$dir/boot" || return 73
  fi
  if [ -r /proc/uptime ]; then
    read -r line </proc/uptime
    echo "$line" >"$dir/uptime" || return 73
  fi
  # From a file: systemd-run would expand what looks like a variable in an argument.
  printf %s "$run" >"$dir/run" || return 73
  if [ "$detach" = systemd ] && systemd-run --quiet --collect --unit="phoenix-$job" --working-directory=/ \
    /bin/sh "$dir/run" "$dir" "$pack" "$script" "$@" </dev/null >/dev/null 2>&1; then
    echo systemd >"$dir/detached"
  else
    setsid /bin/sh "$dir/run" "$dir" "$pack" "$script" "$@" </dev/null >/dev/null 2>&1 &
  fi
}

[ -d "$root/jobs" ] || mkdir -p "$root/jobs" || exit 73
if mkdir "$dir" 2>/dev/null; then
  launch "$@"
  case $? in
    0) echo started >&2 ;;
    74) rm -rf "$dir"; echo cut >&2; exit 0 ;;
    *)
      # Another run that had an earlier job of this name took its directory away, and this one's with it.
      [ -d "$dir" ] || { echo cut >&2; exit 0; }
      rm -rf "$dir"
      exit 73
      ;;
  esac
elif [ -d "$dir" ]; then
  echo exists >&2
else
  # Taken away just now by the run that had it, or not to be made at all, which the second try says.
  mkdir "$dir" && rmdir "$dir" || exit 73
  echo cut >&2
  exit 0
fi
n=0
while [ "$n" -lt "$wait" ] && [ -d "$dir" ] && [ ! -f "$dir/rc" ]; do
  # A job that lost its process never gets an rc.
  [ $((n % 10)) -ne 9 ] || is_alive || [ ! -s "$dir/pid" ] || break
  pause "$n"
  n=$((n + 1))
done
report 0 65536
if [ "$keep" = once ] && [ -f "$dir/rc" ] && [ "$size" -le 65536 ]; then rm -rf "$dir"; fi
exit 0
