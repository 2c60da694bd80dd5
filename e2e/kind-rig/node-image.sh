#!/usr/bin/env bash
# Makes a node image for kind where none can be pulled: a Debian root, over it the files of kind's own module and the components
# that are built here, with the images that kubeadm asks for. Its tar goes to stdout's file, for `docker import`.
#
#   node-image.sh <folder for work> <kind's module> <programs: kubeadm and kubectl>  → <folder>/node.tar
#
# CNI: a static ptp network, as kindnetd cannot be had; so one node only.
set -euo pipefail

rig=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
work=$1
kind_module=$2
programs=$3
cache=${PADLOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/padlock}
pod_network=10.244.0.0/16
service_network=10.96.0.0/16

built() { find "$cache/components/$1" -name "$2" -type f -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-; }
version=$("$programs/kubeadm" version -o short)
root=$work/root

if [[ ! -f $work/debian.tar ]]; then
  rm -rf "$work/debian"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iptables,nftables,iproute2,conntrack,ethtool,socat,kmod,procps,runc,containernetworking-plugins,jq,ca-certificates,mount,util-linux,hostname,libseccomp2,pigz,curl \
    bookworm "$work/debian" >"$work/debootstrap.log"
  rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/* "$work"/debian/usr/share/{doc,man,locale}/*
  tar -C "$work/debian" -cf "$work/debian.tar.unfinished" .
  mv "$work/debian.tar.unfinished" "$work/debian.tar"
  rm -rf "$work/debian"
fi
rm -rf "$root"
mkdir -p "$root"
tar -C "$root" -xf "$work/debian.tar"

# kind's own files, and what its Dockerfile does with systemd.
cp -r "$kind_module/images/base/files/." "$root/"
chmod -R u+w "$root/kind" "$root/usr/local" "$root/etc"
chmod 755 "$root/kind" "$root/kind/bin" "$root"/kind/bin/*.sh "$root"/usr/local/bin/*
rm -f "$root"/lib/systemd/system/{multi-user,local-fs,basic}.target.wants/* "$root"/etc/systemd/system/*.wants/*
rm -f "$root"/lib/systemd/system/sockets.target.wants/*{udev,initctl}* "$root"/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
echo ReadKMsg=no >>"$root/etc/systemd/journald.conf"
systemctl --root="$root" --quiet enable kubelet.service containerd.service undo-mount-hacks.service
systemctl --root="$root" --quiet mask systemd-binfmt.service
mkdir -p "$root/etc/kubernetes/manifests" "$root/kind/manifests" "$root/opt/cni/bin" "$root/etc/cni/net.d"

install -m 755 "$(built kubernetes kubelet)" "$programs/kubeadm" "$programs/kubectl" "$root/usr/bin/"
install -m 755 "$(built containerd containerd)" "$(built containerd containerd-shim-runc-v2)" "$(built containerd ctr)" "$root/usr/local/bin/"
cp "$root"/usr/lib/cni/{host-local,loopback,ptp,portmap} "$root/opt/cni/bin/"
printf '%s' "$version" >"$root/kind/version"
"$root/usr/local/bin/ctr" oci spec |
  jq '.hooks.createContainer[.hooks.createContainer | length] |= . + {"path": "/kind/bin/mount-product-files.sh"} | del(.process.rlimits)
    | del(.process.oomScoreAdj) | .process.capabilities |= map_values(map(select(. != "CAP_SYS_RESOURCE")))' \
    >"$root/etc/containerd/cri-base.json"
# What a machine without CAP_SYS_RESOURCE and with cgroup v1 needs; the kubelet's half is in kind.yaml beside this file.
sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/; s/SystemdCgroup = true/SystemdCgroup = false/' "$root/etc/containerd/config.toml"
sed -i '/^OOMScoreAdjust=/d' "$root/etc/systemd/system/containerd.service"

cat >"$root/etc/cni/net.d/10-ptp.conflist" <<END
{
  "cniVersion": "0.4.0",
  "name": "ptp",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam", "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[{"subnet": "10.244.0.0/24"}]]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
END
# kindnetd's masquerading; and until kube-proxy serves an address of a Service, it is refused at once instead of lost.
cat >"$root/etc/padlock-network.nft" <<END
table ip kind_network {
  chain postrouting {
    type nat hook postrouting priority 100;
    ip saddr $pod_network ip daddr != $pod_network masquerade
  }
  chain forward {
    type filter hook forward priority 0;
    ip daddr $service_network reject
  }
}
END
mkdir -p "$root/etc/systemd/system/kubelet.service.d"
printf '[Service]\nExecStartPre=-/usr/sbin/nft -f /etc/padlock-network.nft\n' >"$root/etc/systemd/system/kubelet.service.d/20-network.conf"
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cni-is-static, namespace: kube-system}\n' >"$root/kind/manifests/default-cni.yaml"
printf 'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: standard}\nprovisioner: kubernetes.io/no-provisioner\n' >"$root/kind/manifests/default-storage.yaml"

# The images, in containerd's content store as it will be on the node.
mapfile -t images < <("$programs/kubeadm" config images list --kubernetes-version "$version" 2>/dev/null)
images+=("registry.k8s.io/pause:3.10")
mapfile -t images < <(printf '%s\n' "${images[@]}" | sort -u)
rm -rf "$work/archives"
node "$rig/node-archives.ts" "$work/archives" "${images[@]}"
mkdir -p "$root/var/lib/containerd"
run=$(mktemp -d)
cat >"$run/config.toml" <<END
version = 3
root = "$root/var/lib/containerd"
state = "$run/state"
disabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri"]
[grpc]
  address = "$run/containerd.sock"
[ttrpc]
  address = "$run/ttrpc.sock"
END
"$root/usr/local/bin/containerd" --config "$run/config.toml" 2>"$work/containerd.log" &
containerd=$!
trap 'kill "$containerd" 2>/dev/null || true; rm -rf "$run"' EXIT
ctr() { "$root/usr/local/bin/ctr" --address "$run/containerd.sock" --namespace k8s.io "$@"; }
until [[ -S $run/containerd.sock ]] && ctr version >/dev/null 2>&1; do
  kill -0 "$containerd" 2>/dev/null || { tail -n 3 "$work/containerd.log" >&2; exit 3; }
  sleep 0.1
done
for archive in "$work"/archives/*.tar; do
  ctr images import --no-unpack --label io.cri-containerd.pinned=pinned --label io.cri-containerd.image=managed "$archive"
done
kill "$containerd"
wait "$containerd" || true
tar -C "$root" -cf "$work/node.tar" .
rm -rf "$root" "$work/archives"
echo "kindest/node:$version"
