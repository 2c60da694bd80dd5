#!/usr/bin/env bash
# podman in the place of Docker, with the node image and the archives that `rig.sh up` has made and kept. Needs root and the
# Debian packages podman, netavark and aardvark-dns.
#
#   eval "$(e2e/kind-rig/podman.sh up)"
#   ./padlock run core --environment kind $PADLOCK_KIND_OPTIONS
#   e2e/kind-rig/podman.sh down    ends it; `purge` removes its images, too
set -euo pipefail

rig=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$rig")")
rig_state=${PADLOCK_KIND_RIG:-${XDG_STATE_HOME:-$HOME/.local/state}/padlock-kind-rig}
state=$rig_state/podman
socket=$state/podman.sock
host_interface=pkrig1
host_address=10.237.0.1
engine_address=10.237.0.2
# One pool for every network that podman makes, so that one route of this machine covers them all.
pool=10.236.0.0/16

lives() { [[ -f $state/pid ]] && kill -0 "$(cat "$state/pid")" 2>/dev/null; }

up() {
  command -v podman >/dev/null || { echo 'skipped: there is no podman here' >&2; exit 4; }
  [[ -f $rig_state/work/node.tar ]] || { echo 'skipped: there is no node image yet; rig.sh up makes one' >&2; exit 4; }
  local image
  image=docker.io/kindest/node:$(awk '$1 == "require" && $2 == "k8s.io/kubernetes" { print $3 }' "$project/components/kubernetes/go.mod")
  lives || start
  if ! cmp --silent "$rig_state/work/node.key" "$state/imported"; then
    "$state/bin/podman" import --change 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]' --change 'ENV container=docker' \
      "$rig_state/work/node.tar" "$image" >&2
    cp "$rig_state/work/node.key" "$state/imported"
  fi
  echo "export DOCKER_HOST=unix://$socket TESTCONTAINERS_RYUK_DISABLED=true PATH=$state/bin:\$PATH"
  echo "export PADLOCK_KIND_OPTIONS='--provider podman --node-image $image --image-archive $rig_state/work/archives --kind-config $rig/kind.yaml'"
}

start() {
  mkdir -p "$state/bin" "$state/root"
  cat >"$state/containers.conf" <<CONF
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "lenient"
[engine.runtimes]
lenient = ["$rig/oci-runtime"]
[network]
network_backend = "netavark"
default_subnet_pools = [{"base" = "$pool", "size" = 24}]
CONF
  # podman has no daemon: whoever calls it, kind too, must be where its containers are.
  cat >"$state/bin/podman" <<WRAPPER
#!/bin/sh
exec nsenter --target "\$(cat '$state/pid')" --mount --net --pid -- env CONTAINERS_CONF='$state/containers.conf' \\
  /usr/bin/podman --root '$state/root' --runroot /run/podman-rig "\$@"
WRAPPER
  chmod +x "$state/bin/podman"
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
    export CONTAINERS_CONF="$1/containers.conf"
    exec /usr/bin/podman --root "$1/root" --runroot /run/podman-rig system service --time=0 "unix://$2"
  ' podman "$state" "$socket" >"$state/service.log" 2>&1 </dev/null &
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
  until [[ -S $socket ]] && "$state/bin/podman" version >/dev/null 2>&1; do
    if ! lives || ((waited++ > 200)); then tail -n 5 "$state/service.log" >&2; exit 3; fi
    sleep 0.1
  done
}

down() {
  if lives; then
    local pid
    pid=$(cat "$state/pid")
    kill -KILL "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  fi
  ip link del "$host_interface" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path '*/libpod*' -exec rmdir {} \; 2>/dev/null || true
  rm -f "$state/pid" "$socket" "$state/connected"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  purge) down && rm -rf "$state" ;;
  *) echo "usage: podman.sh up|down|purge" >&2; exit 2 ;;
esac
