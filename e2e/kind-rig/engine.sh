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

inside() { nsenter --target "$(cat "$state/pid")" --mount --net --pid -- "$@"; }
lives() { [[ -f $state/pid ]] && kill -0 "$(cat "$state/pid")" 2>/dev/null; }
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
  rm -f "$socket" "$state/connected"
  mkfifo "$state/connected"
  # shellcheck disable=SC2016 # expanded inside the namespaces
  setsid unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private bash -euc '
    mount -t tmpfs -o mode=755 tmpfs /run
    mount --make-rshared /
    ip link set lo up
    echo 1 >/proc/sys/net/ipv4/ip_forward
    # The other end of the veth pair comes from outside.
    read -r <"$1/connected"
    exec dockerd --config-file "$1/daemon.json" --oom-score-adjust 0
  ' engine "$state" >"$state/dockerd.log" 2>&1 < /dev/null &
  local unshare_pid=$!
  local pid=
  while [[ -z $pid ]]; do pid=$(tr -d " " <"/proc/$unshare_pid/task/$unshare_pid/children"); done
  echo "$pid" >"$state/pid"
  while [[ $(readlink "/proc/$pid/ns/net") == $(readlink /proc/self/ns/net) ]]; do :; done
  ip link del "$host_interface" 2>/dev/null || true
  ip link add "$host_interface" type veth peer name outside netns "$pid"
  ip addr add "$host_address/30" dev "$host_interface"
  ip link set "$host_interface" up
  nsenter --target "$pid" --net -- sh -euc "ip addr add $engine_address/30 dev outside; ip link set outside up"
  ip route replace "$pool" via "$engine_address"
  echo >"$state/connected"
  local waited=0
  until docker -H "unix://$socket" version >/dev/null 2>&1; do
    if ! lives || ((waited++ > 200)); then tail -n 5 "$state/dockerd.log" >&2; exit 3; fi
    sleep 0.1
  done
  # What Docker lets nobody but its published ports do: this machine may speak to every container, as it may on the engine's own.
  inside iptables -I DOCKER-USER -j ACCEPT
  environment
}

down() {
  if lives; then
    local pid
    pid=$(cat "$state/pid")
    kill -KILL "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  fi
  ip link del "$host_interface" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path '*/docker*' -exec rmdir {} \; 2>/dev/null || true
  rm -f "$state/pid" "$socket" "$state/connected"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  purge) down && rm -rf "$state" ;;
  *) echo "usage: engine.sh up|down|purge" >&2; exit 2 ;;
esac
