#!/usr/bin/env bash
# A Docker engine for tests on a machine that runs none: Debian's docker.io in network, mount and process namespaces of its own.
# Its bridges are reached from this machine over a veth pair, as they are where the engine runs on the machine itself.
#
#   engine.sh up    starts it and prints the environment to use it with
#   engine.sh down  ends it and removes what it left outside its data folder
#   engine.sh purge removes the data folder too
set -euo pipefail

rig=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
state=${PADLOCK_KIND_RIG:-${XDG_STATE_HOME:-$HOME/.local/state}/padlock-kind-rig}
socket=$state/docker.sock
host_interface=pkrig0
host_address=10.238.0.1
engine_address=10.238.0.2
# One pool for every network that Docker makes, so that one route of this machine covers them all.
pool=10.240.0.0/16

# shellcheck source=e2e/kind-rig/own-namespaces.sh
source "$rig/own-namespaces.sh"

inside() { nsenter --target "$(cat "$state/pid")" --mount --net --pid -- "$@"; }
environment() {
  printf 'export DOCKER_HOST=unix://%s TESTCONTAINERS_RYUK_DISABLED=true\n' "$socket"
}

up() {
  if lives; then environment; return; fi
  mkdir -p "$state/data"
  cat >"$state/daemon.json" <<END
{
  "data-root": "$state/data",
  "exec-root": "/run/docker",
  "pidfile": "/run/docker.pid",
  "hosts": ["unix://$socket"],
  "storage-driver": "overlay2",
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "runtimes": {"lenient": {"path": "$rig/oci-runtime"}},
  "default-runtime": "lenient",
  "bip": "10.239.0.1/24",
  "default-address-pools": [{"base": "$pool", "size": 24}],
  "log-driver": "json-file"
}
END
  # shellcheck disable=SC2016 # expanded inside the namespaces
  start_inside dockerd.log 'exec dockerd --config-file "$1/daemon.json" --oom-score-adjust 0'
  await_engine dockerd.log docker -H "unix://$socket" version
  # What Docker lets nobody but its published ports do: this machine may speak to every container, as it may on the engine's own.
  inside iptables -I DOCKER-USER -j ACCEPT
  environment
}

down() { end_inside '*/docker*'; }

case ${1:-} in
  up) up ;;
  down) down ;;
  purge) down && rm -rf "$state" ;;
  *) echo "usage: engine.sh up|down|purge" >&2; exit 2 ;;
esac
