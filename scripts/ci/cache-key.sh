#!/usr/bin/env bash
# Prints the key for Padlock's cache on a CI server. It changes with every file that determines what is built, and how.
# --files prints these files instead. A cache with another key is still useful: Padlock compares the content of each component
# and rebuilds only what changed.
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
