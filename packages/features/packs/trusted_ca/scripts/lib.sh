# lib.sh: what the scripts of this pack share.
# shellcheck shell=sh disable=SC2034

# Our own certificates, apart from others in the trust store.
directory=/usr/local/share/ca-certificates/phoenix

# certificate NAME: prints it. Its variable is named by the hexadecimal digits of its name.
certificate() {
  eval "printf '%s\n' \"\${PHOENIX_CERTIFICATE_$(printf %s "$1" | od -An -tx1 | tr -d ' \n')}\""
}
