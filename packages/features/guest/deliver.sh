#!/bin/sh
# shellcheck disable=SC2094  # no file is read and written at once
# deliver.sh ROOT FEATURE BUNDLE INDEX DIGEST ALL HEADER: takes one chunk of a bundle on stdin. INDEX counts from 0,
# DIGEST is the chunk's SHA-256, BUNDLE the whole bundle's, ALL the number of chunks, HEADER the manifest's bytes. When every chunk is there the bundle is
# checked and unpacked to ROOT/packs/FEATURE/BUNDLE. Repeating a chunk is harmless. Prints the state on stdout.
# A bundle is a manifest (lines "MODE SIZE PATH", an empty line), then the files' bytes one after the other.
set -u
umask 077
root=$1 feature=$2 bundle=$3 index=$4 digest=$5 all=$6 offset=$7
target=$root/packs/$feature/$bundle
incoming=$root/incoming/$bundle

# stop: something could not be written. Somebody else may have delivered the same bundle meanwhile, and cleared up.
stop() {
  [ -f "$target/.complete" ] || exit 73
  rm -rf "$root/packs/$feature/.unpacking.$$"
  echo unpacked
  exit 0
}

[ ! -f "$target/.complete" ] || { cat >/dev/null; echo unpacked; exit 0; }
mkdir -p "$incoming" "$root/packs/$feature" || stop
part=$incoming/$index
cat >"$part.$$" || { rm -f "$part.$$"; stop; }
sum=$(sha256sum <"$part.$$")
if [ "${sum%% *}" != "$digest" ]; then
  rm -f "$part.$$"
  echo "corrupt ${sum%% *}"
  exit 0
fi
mv "$part.$$" "$part" || stop

n=0
while [ "$n" -lt "$all" ]; do
  [ -f "$incoming/$n" ] || { echo "missing $n"; exit 0; }
  n=$((n + 1))
done

whole=$incoming/whole.$$
n=0
while [ "$n" -lt "$all" ]; do
  cat "$incoming/$n" || { rm -f "$whole"; stop; }
  n=$((n + 1))
done >"$whole"
sum=$(sha256sum <"$whole")
if [ "${sum%% *}" != "$bundle" ]; then
  rm -rf "$incoming"
  echo "corrupt ${sum%% *}"
  exit 0
fi

work=$root/packs/$feature/.unpacking.$$
rm -rf "$work"
mkdir "$work" || stop
while read -r mode size path && [ -n "$mode" ]; do
  case $path in */*) mkdir -p "$work/${path%/*}" || stop ;; esac
  if [ "$size" -gt 0 ]; then
    tail -c "+$((offset + 1))" "$whole" 2>/dev/null | head -c "$size" >"$work/$path" || stop
  else
    : >"$work/$path" || stop
  fi
  chmod "$mode" "$work/$path"
  offset=$((offset + size))
done <"$whole"
: >"$work/.complete" || stop
if [ -f "$target/.complete" ]; then
  rm -rf "$work"
else
  rm -rf "$target"
  mv "$work" "$target" || stop
  # Two that deliver at once: the later one was moved into the earlier.
  rm -rf "$target/.unpacking.$$"
fi
rm -rf "$incoming"
echo unpacked
