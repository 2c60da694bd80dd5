#!/usr/bin/env bash
# The steps of the action beside this file: prepare, build, run. Inputs come as variables, never as text in a command.
# The summary of the step and the annotations are Padlock's own.
set -euo pipefail

project=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../..")
# The runner's own, also where Padlock is root: the cache must be readable when it is saved.
export PADLOCK_CACHE=${PADLOCK_CACHE:-$HOME/.cache/padlock}

fail() {
  echo "::error title=Padlock::$1"
  exit 2
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo --preserve-env=CI,GITHUB_ACTIONS,GITHUB_STEP_SUMMARY,PADLOCK_CACHE "$@"
  fi
}

# What root made belongs to the runner afterwards: the next steps read it, and the next job of a runner that stays clears it away.
give_back() {
  [[ $(id -u) != 0 ]] || return 0
  local path
  for path in "$PADLOCK_CACHE" "$project/node_modules" "$@"; do
    [[ ! -e $path ]] || sudo chown -R "$(id -u):$(id -g)" "$path"
  done
}

scenarios=()
check_inputs() {
  [[ $PADLOCK_ENVIRONMENT == cell || $PADLOCK_ENVIRONMENT == kind ]] ||
    fail "The input environment must be cell or kind."
  [[ -z $PADLOCK_SHARD || $PADLOCK_SHARD =~ ^[0-9]+/[0-9]+$ ]] || fail "The input shard must be INDEX/COUNT, as in 2/4."
  [[ $PADLOCK_REPORT =~ ^[A-Za-z0-9._][A-Za-z0-9._/-]*$ && /$PADLOCK_REPORT/ != */../* ]] ||
    fail "The input report must be a folder below the workspace."
  read -r -d '' -a scenarios <<<"$PADLOCK_SCENARIOS" || true
  local word
  for word in "${scenarios[@]}"; do
    [[ $word =~ ^[a-z0-9][a-z0-9-]*$ ]] || fail "The input scenarios must be ids, separated by blanks."
  done
}

prepare() {
  check_inputs
  local key part
  key=$("$project/scripts/ci/cache-key.sh")
  part=${PADLOCK_SHARD//\//-of-}
  {
    echo "cache-key=$key"
    echo "cache-prefix=${key%-*}-"
    echo 'cache-paths<<PATHS'
    # Go's own caches are left out: they are large, and of no use once the components are built.
    printf "$PADLOCK_CACHE/%s\n" components images manifests node go
    echo PATHS
    echo "report=$PADLOCK_REPORT"
    echo "artifact=padlock-$PADLOCK_ENVIRONMENT${part:+-$part}"
  } >>"$GITHUB_OUTPUT"
}

build() {
  trap give_back EXIT
  as_root "$project/padlock" build
}

run() {
  check_inputs
  local options=(--environment "$PADLOCK_ENVIRONMENT" --report "$PADLOCK_REPORT")
  [[ -z $PADLOCK_SHARD ]] || options+=(--shard "$PADLOCK_SHARD")
  [[ ${PADLOCK_SKIP_BROWSER:-false} != true ]] || options+=(--skip browser)
  trap 'give_back "$PADLOCK_REPORT"' EXIT
  # The ids stand first: --skip takes all words that follow it.
  as_root "$project/padlock" run "${scenarios[@]}" "${options[@]}"
}

case ${1:-} in
  prepare | build | run) "$1" ;;
  *) fail "The steps are prepare, build and run." ;;
esac
