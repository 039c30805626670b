#!/bin/sh
# Works for a minute, and leaves a line for each time that it began and came to its end.
echo begun >>/root/slept
n=0
while [ "$n" -lt 60 ]; do
  n=$((n + 1))
  echo "second $n"
  sleep 1
done
echo ended >>/root/slept
