# lib.sh: what the scripts of this pack share.
# shellcheck shell=sh

begin='# phoenix nfs_mount: the lines below are kept by Phoenix'
end='# phoenix nfs_mount: end'

# option N KEY: a value of mount N.
option() { eval "printf '%s\n' \"\${PHOENIX_OPTION_MOUNTS_$1_$2:-}\""; }

# our_lines: what fstab must hold between the two comment lines.
our_lines() {
  i=0
  while [ "$i" -lt "$PHOENIX_OPTION_MOUNTS_COUNT" ]; do
    printf '%s:%s %s %s %s 0 0\n' "$(option "$i" SERVER)" "$(option "$i" EXPORT)" "$(option "$i" PATH)" \
      "$(option "$i" TYPE)" "$(option "$i" OPTIONS)"
    i=$((i + 1))
  done
}

# present_lines: what fstab holds there.
present_lines() { sed -n "/^$begin\$/,/^$end\$/{/^$begin\$/d;/^$end\$/d;p;}" /etc/fstab; }

# other_lines: the rest of fstab.
other_lines() { sed "/^$begin\$/,/^$end\$/d" /etc/fstab; }
