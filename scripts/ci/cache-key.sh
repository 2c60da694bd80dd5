#!/usr/bin/env bash
# Prints the key under which a CI server keeps Padlock's cache: it changes with every file that says what is built, and how.
# With --files it prints these files instead. A cache of another key is still of use: Padlock checks each part by its content
# and builds anew only what changed.
set -euo pipefail
cd "${PADLOCK_PROJECT:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..}"

inputs() {
  find components -type f ! -name '*.md' ! -name '*_test.go'
  find src/components -type f -name '*.ts' ! -name '*.test.ts'
  echo package-lock.json
}

files=$(inputs | LC_ALL=C sort)
if [[ ${1:-} == --files ]]; then
  echo "$files"
  exit
fi
hash=$(tr '\n' '\0' <<<"$files" | xargs --null sha256sum | sha256sum)
echo "padlock-linux-$(uname -m)-${hash:0:32}"
