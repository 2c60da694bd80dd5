#!/usr/bin/env bash
# kernel.sh FOLDER: builds a User-mode Linux kernel from Debian's linux-source package, as FOLDER/linux. Takes about 4 minutes on two
# cores and 2 GB while it builds. FOLDER/version says what was built.
#
# User-mode Linux got 48 bits of user address space in 6.13. Envoy needs them, and no stable Debian has such a kernel: the
# newest of unstable is taken. The packages of the list below must be installed.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=e2e/uml/debian.sh
source "$here/debian.sh"
mkdir -p "$1"
folder=$(readlink -f "$1")
build=$(mktemp -d "$folder/.build-XXXXXX")
trap 'rm -rf "$build"' EXIT
cd "$build"

apt_of "$build/apt" sid apt-get --quiet update
package=$(apt_of "$build/apt" sid apt-cache pkgnames linux-source- | grep -E '^linux-source-[0-9]+\.[0-9]+$' | sort --version-sort | tail -n 1)
apt_of "$build/apt" sid apt-get --quiet download "$package"
dpkg-deb --show "$package"_*.deb | tee version
dpkg-deb --extract "$package"_*.deb package
tar -xf "package/usr/src/$package.tar.xz"
rm -rf package "$package"_*.deb
cd "$package"

# cAdvisor, and with it the kubelet, ends where /proc/cpuinfo shows no clock speed.
sed -i 's#seq_printf(m, "model name\\t: UML\\n");#&\n\tseq_printf(m, "cpu MHz\\t\\t: 2000.000\\n");#' arch/um/kernel/um_arch.c
grep -q 'cpu MHz' arch/um/kernel/um_arch.c

make ARCH=um defconfig
scripts/kconfig/merge_config.sh -m .config "$here/kernel.config"
make ARCH=um olddefconfig
make ARCH=um --jobs="$(nproc)" linux
cp ../version "$folder/version"
cp linux "$folder/linux.unfinished"
mv "$folder/linux.unfinished" "$folder/linux"
