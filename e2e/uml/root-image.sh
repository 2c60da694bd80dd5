#!/usr/bin/env bash
# root-image.sh SUITE IMAGE: makes an ext4 image of a Debian with systemd, AppArmor, an SSH server and the packages that Padlock
# installs. Nothing is mounted. Takes 2 to 4 minutes.
#
# It boots from /dev/ubda, mounts /dev/ubdb on /srv and the folder that the host shares on /host, and runs /host/start as a service.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=e2e/uml/debian.sh
source "$here/debian.sh"
suite=$1 image=$2
root=$(mktemp -d "$image.root-XXXXXX")
trap 'rm -rf "$root" "$image.unfinished"' EXIT

packages=(
  # The machine.
  systemd systemd-sysv libpam-systemd dbus udev procps kmod apparmor openssh-server openssh-client e2fsprogs
  # What ./padlock installs, and what its programs need.
  ca-certificates python3 python3-pip iproute2 util-linux mount nftables runc tini bind9 bind9-dnsutils
  containernetworking-plugins chromium libnss3-tools libstdc++6 libatomic1
)
debootstrap --variant=minbase --keyring="$keyring" "$suite" "$root" "$(debian_mirror)"
# The image is made anew where this is cut short: nothing need be on the disk before.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# Unlike debootstrap, apt chooses among packages that provide the same.
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install --quiet --yes --no-install-recommends "${packages[@]}"
rm "$root/usr/sbin/policy-rc.d"

cat >"$root/etc/fstab" <<'END'
/dev/ubda / ext4 defaults 0 1
/dev/ubdb /srv ext4 defaults 0 2
none /host hostfs defaults 0 0
END
mkdir "$root/host"
echo padlock-uml >"$root/etc/hostname"
echo '127.0.0.1 localhost padlock-uml' >"$root/etc/hosts"
# Without an identity, the first boot would enable every service anew.
systemd-machine-id-setup --root="$root" 2>/dev/null || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
ln -sf /dev/null "$root/etc/systemd/system/named.service"
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-networkd.service \
  systemd-networkd.socket getty@.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# The hardest logout: processes of the session are killed.
mkdir -p "$root/etc/systemd/logind.conf.d"
printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n' >"$root/etc/systemd/logind.conf.d/kill.conf"
chroot "$root" useradd --create-home --shell /bin/bash visitor

mkdir -p "$root/root/.ssh"
ssh-keygen -q -t ed25519 -N '' -C padlock-uml -f "$root/root/.ssh/id_ed25519"
cp "$root/root/.ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
mkdir -p "$root/home/visitor/.ssh"
cp "$root/root/.ssh/authorized_keys" "$root/home/visitor/.ssh/"
chmod 700 "$root/root/.ssh" "$root/home/visitor/.ssh"
chroot "$root" chown -R visitor: /home/visitor

cat >"$root/etc/systemd/system/padlock-exam.service" <<'END'
[Unit]
Description=What the host asks of this machine
After=multi-user.target ssh.service
RequiresMountsFor=/srv /host

[Service]
Type=oneshot
ExecStart=/bin/bash /host/start
ExecStopPost=/usr/bin/systemctl poweroff --no-block
StandardOutput=journal+console
StandardError=journal+console
TimeoutStartSec=infinity
END
mkdir -p "$root/etc/systemd/system/graphical.target.wants"
ln -s ../padlock-exam.service "$root/etc/systemd/system/graphical.target.wants/padlock-exam.service"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_Packages "$root"/usr/share/{doc,locale,man}/*

truncate --size=6G "$image.unfinished"
mkfs.ext4 -q -L root -d "$root" "$image.unfinished"
mv "$image.unfinished" "$image"
