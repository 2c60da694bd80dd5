#!/usr/bin/env bash
# Everything that `--environment kind` needs on a machine with no container engine and no registry, made here and kept between
# runs: an engine (engine.sh), a node image (node-image.sh) and a folder of image archives (image-archives.ts). Needs root. Debian
# packages that are missing (docker.io, debootstrap, jq) are installed by apt-get, without starting their services; Node and Go are
# those that the launcher uses. Where the rig cannot be set up it says `skipped: <why>` and exits with 4.
#
#   eval "$(e2e/kind-rig/rig.sh up)"
#   ./padlock run core --environment kind $PADLOCK_KIND_OPTIONS
#   e2e/kind-rig/rig.sh down      ends the engine; `purge` removes all that was kept, too
set -euo pipefail

rig=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$rig")")
state=${PADLOCK_KIND_RIG:-${XDG_STATE_HOME:-$HOME/.local/state}/padlock-kind-rig}
# shellcheck source=scripts/own-programs.sh
source "$project/scripts/own-programs.sh"
work=$state/work
export PADLOCK_KIND_RIG=$state PADLOCK_CACHE=$cache

if [[ ${1:-} != up ]]; then exec "$rig/engine.sh" "$@"; fi

skip() { say "skipped: $*"; exit 4; }

[[ $(id -u) == 0 ]] || skip 'a container engine in namespaces of its own needs root'
missing=()
# An engine that is installed is used as it is: docker.io would take the place of another vendor's package.
have dockerd || missing+=(docker.io)
have iptables || missing+=(iptables)
have debootstrap || missing+=(debootstrap)
have jq || missing+=(jq)
if [[ ${#missing[@]} -gt 0 ]]; then
  have apt-get || skip "there is no apt-get to install ${missing[*]}"
  # Docker's own packages conflict with Debian's, and are somebody's choice.
  ! dpkg-query --show containerd.io >/dev/null 2>&1 || skip "Debian's docker.io would replace the package containerd.io"
  install_packages "${missing[@]}" || skip "apt-get could not install ${missing[*]}; its output is in $cache/logs/apt.log"
fi
# The launcher brings Node, Go and npm packages, where they are missing, and builds.
"$project/padlock" build kubernetes etcd coredns containerd pause kind >&2
find_node || fail "There is no Node $node_range_major.$node_range_minor or later of $node_range_major, though the launcher has just installed one."
export PATH=${node%/*}:$PATH
# The pinned toolchain, as builds use it.
go_folder=$(node "$project/scripts/ensure-go.ts")
export GOROOT=$go_folder PATH=$go_folder/bin:$PATH
mkdir -p "$work"

# As src/components/run-recipe.ts builds, so that what is compiled there is not compiled again.
go_build() {
  GOMODCACHE=$cache/go-mod GOCACHE=$cache/go-build GOFLAGS='-modcacherw -mod=mod' GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0 \
    go "$@"
}
kubernetes=$(awk '$1 == "require" && $2 == "k8s.io/kubernetes" { print $3 }' "$project/components/kubernetes/go.mod")
if [[ $("$work/programs/kubeadm" version -o short 2>/dev/null) != "$kubernetes" ]]; then
  mkdir -p "$work/programs" "$work/kubernetes"
  cp "$project"/components/kubernetes/go.{mod,sum} "$work/kubernetes/"
  IFS=. read -r major minor _ <<<"${kubernetes#v}"
  version=k8s.io/component-base/version
  (cd "$work/kubernetes" && go_build build -trimpath -buildvcs=false -gcflags=all=-dwarf=false \
    -ldflags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=$major -X $version.gitMinor=$minor" \
    -o "$work/programs/" k8s.io/kubernetes/cmd/kubeadm k8s.io/kubernetes/cmd/kubectl)
fi
kind_module=$(cd "$project/components/kind" && GOMODCACHE=$cache/go-mod go mod download -json sigs.k8s.io/kind | jq -r .Dir)

key=$(cat "$rig/node-image.sh" "$rig/node-archives.ts" "$project"/components/{kind,kubernetes,containerd,etcd,coredns}/go.mod | sha256sum)
if [[ ! -f $work/node.tar || $(cat "$work/node.key" 2>/dev/null) != "$key" ]]; then
  "$rig/node-image.sh" "$work" "$kind_module" "$work/programs" >&2
  echo "$key" >"$work/node.key"
  rm -f "$work/imported"
fi
environment=$("$rig/engine.sh" up)
eval "$environment"
image=kindest/node:$kubernetes
if [[ ! -f $work/imported ]] || ! docker image inspect "$image" >/dev/null 2>&1; then
  docker import --change 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]' --change 'ENV container=docker' "$work/node.tar" "$image" >&2
  touch "$work/imported"
fi
node "$rig/image-archives.ts" "$work/archives"
echo "$environment"
echo "export PADLOCK_KIND_OPTIONS='--node-image $image --image-archive $work/archives --kind-config $rig/kind.yaml'"
