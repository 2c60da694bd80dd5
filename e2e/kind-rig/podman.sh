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

# shellcheck source=e2e/kind-rig/own-namespaces.sh
source "$rig/own-namespaces.sh"

answers() { [[ -S $socket ]] && "$state/bin/podman" version; }

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
  # shellcheck disable=SC2016 # expanded inside the namespaces
  start_inside service.log '
    export CONTAINERS_CONF="$1/containers.conf"
    exec /usr/bin/podman --root "$1/root" --runroot /run/podman-rig system service --time=0 "unix://$2"' "$socket"
  await_engine service.log answers
}

down() { end_inside '*/libpod*'; }

case ${1:-} in
  up) up ;;
  down) down ;;
  purge) down && rm -rf "$state" ;;
  *) echo "usage: podman.sh up|down|purge" >&2; exit 2 ;;
esac
