#!/usr/bin/env bash
# Installs Debian packages that a build turned out to need, like the launcher: announced, once, without starting services.
# Its last line says what is wrong.
set -euo pipefail
project=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=scripts/own-programs.sh
source "$project/scripts/own-programs.sh"

[[ $(id -u) == 0 ]] || fail "Missing Debian packages: $*. Run ./padlock as root to install them."
have apt-get || fail "Missing packages: $*. apt-get is not available; install them with your package manager."
mkdir -p "$cache"
exec {lock}>"$cache/launcher.lock"
flock "$lock"
install_packages "$@" || fail "apt-get could not install $*; see $cache/logs/apt.log."
