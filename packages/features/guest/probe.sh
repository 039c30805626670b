#!/bin/sh
# probe.sh ROOT: what this guest is, what it lacks, which receipts and jobs it holds. Changes nothing.
# One line per fact on stdout; the last line is "end".
set -u
root=$1

if [ -r /etc/os-release ]; then
  # shellcheck disable=SC1091
  (. /etc/os-release; printf 'os %s|%s|%s\n' "${ID:-unknown}" "${VERSION_ID:-}" "${ID_LIKE:-}")
fi
# A process more or less counts on a slow guest: what the kernel's files tell is not asked of a program.
arch='' user='' boot=unknown
[ ! -r /proc/sys/kernel/arch ] || read -r arch </proc/sys/kernel/arch
printf 'arch %s\n' "${arch:-$(uname -m)}"
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
printf 'boot %s\n' "$boot"
if [ -r /proc/self/status ]; then
  while read -r key _ effective _; do
    [ "$key" != Uid: ] || user=$effective
  done </proc/self/status
fi
printf 'user %s\n' "${user:-$(id -u)}"
for tool in sha256sum base64 setsid head tail wc mv rm mkdir; do
  command -v "$tool" >/dev/null 2>&1 || printf 'lacks %s\n' "$tool"
done
if [ -d "$root/receipts" ]; then
  for file in "$root"/receipts/*.json; do
    [ -f "$file" ] || continue
    name=${file##*/}
    IFS= read -r line <"$file"
    printf 'receipt %s %s\n' "${name%.json}" "$line"
  done
fi
if [ -d "$root/jobs" ]; then
  for job in "$root"/jobs/*; do
    [ -d "$job" ] || continue
    state=unfinished
    [ ! -f "$job/rc" ] || read -r state <"$job/rc"
    printf 'job %s %s\n' "${job##*/}" "$state"
  done
fi
echo end
