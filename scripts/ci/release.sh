#!/usr/bin/env bash
# release.sh FOLDER: writes what a release publishes: the archive of components, its SHA-256 and its SBOM. Builds from source, and takes no archive.
# With PADLOCK_RELEASE_KEY (a private key in PEM), the archive is signed. In CI, the tag must be v<version>.
set -euo pipefail
project=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..")
folder=$(realpath -m "${1:?Usage: release.sh FOLDER}")
export PADLOCK_ARCHIVE=none

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$project/package.json")
if [[ ${GITHUB_REF_TYPE:-} == tag && $GITHUB_REF_NAME != "v$version" ]]; then
  echo "The tag $GITHUB_REF_NAME is not v$version, the version in package.json." >&2
  exit 2
fi
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "No archive is published for $(uname -m)." >&2; exit 2 ;;
esac
archive=padlock-$version-linux-$architecture.tar.zst
mkdir -p "$folder"

options=()
if [[ -n ${PADLOCK_RELEASE_KEY:-} ]]; then
  key=$(mktemp)
  trap 'rm -f "$key"' EXIT
  printf '%s\n' "$PADLOCK_RELEASE_KEY" >"$key"
  options=(--attest "$key")
fi
unset PADLOCK_RELEASE_KEY

as_root=()
[[ $(id -u) == 0 ]] || as_root=(sudo --preserve-env=PADLOCK_ARCHIVE,PADLOCK_CACHE,PADLOCK_ATTEST_PASSPHRASE)
export PADLOCK_CACHE=${PADLOCK_CACHE:-$HOME/.cache/padlock}
"${as_root[@]}" "$project/padlock" build --export "$folder/$archive" "${options[@]}"
"${as_root[@]}" "$project/padlock" build --import "$folder/$archive"
[[ $(id -u) == 0 ]] || sudo chown -R "$(id -u):$(id -g)" "$PADLOCK_CACHE" "$folder" "$project/node_modules"
(cd "$folder" && sha256sum "$archive" >"$archive.sha256")
source "$project/scripts/own-programs.sh"
find_node
"$node" "$project/scripts/ci/sbom.ts" >"$folder/sbom.cdx.json"
