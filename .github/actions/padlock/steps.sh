#!/usr/bin/env bash
# The steps of the action in this folder: prepare, build, run. Inputs are environment variables, never text in a command.
# Padlock itself writes the step summary and the annotations.
set -euo pipefail

project=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../..")
# The runner's cache, even if Padlock runs as root: the runner must be able to read it to save it.
export PADLOCK_CACHE=${PADLOCK_CACHE:-$HOME/.cache/padlock}

fail() {
  echo "::error title=Padlock::$1"
  exit 2
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo --preserve-env=CI,GITHUB_ACTIONS,GITHUB_STEP_SUMMARY,PADLOCK_CACHE,PADLOCK_ARCHIVE,PADLOCK_ARCHIVE_KEY "$@"
  fi
}

# Gives files that root created to the runner's user: the next steps read them, and the next job on a persistent runner deletes them.
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
    [[ $word =~ ^[a-z0-9][a-z0-9-]*$ ]] || fail "The input scenarios must be ids, separated by spaces."
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
    # Without Go's caches: they are large, and useless once the components are built.
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
  # The ids come first, because --skip takes all words that follow it.
  as_root "$project/padlock" run "${scenarios[@]}" "${options[@]}"
}

case ${1:-} in
  prepare | build | run) "$1" ;;
  *) fail "Unknown step '${1:-}'. Known steps: prepare, build, run." ;;
esac
