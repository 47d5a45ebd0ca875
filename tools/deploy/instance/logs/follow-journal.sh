#!/bin/bash
# Copies the journal of labelfleet's units into a file. At MAX_BYTES the file becomes <file>.1.
set -euo pipefail

file=$1
MAX_BYTES=${MAX_BYTES:-50000000}

since=()
size=0
if [[ -e $file ]]; then
  since=("--since=@$(stat -c %Y "$file")")
  size=$(stat -c %s "$file")
fi
# A line's length is counted in bytes.
export LC_ALL=C
journalctl --follow --boot --lines=all "${since[@]}" --output=cat --unit='labelfleet-*' |
  awk -v file="$file" -v size="$size" -v max="$MAX_BYTES" '
    {
      print >>file
      fflush(file)
      size += length($0) + 1
      if (size >= max) {
        close(file)
        system("mv \"" file "\" \"" file ".1\"")
        size = 0
      }
    }'
