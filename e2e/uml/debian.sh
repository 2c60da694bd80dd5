# Sourced: which Debian archive this machine's packages come from, and apt-get for another suite of it. Nothing of this machine's own
# apt is changed.
# shellcheck shell=bash

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The archive of this machine's own apt; on another distribution $PADLOCK_DEBIAN_MIRROR, or the one that debootstrap takes by itself.
debian_mirror() {
  local found=${PADLOCK_DEBIAN_MIRROR:-}
  [[ -n $found ]] || found=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
  [[ -n $found ]] || found=$(sed -n 's/^default_mirror //p' /usr/share/debootstrap/scripts/sid | head -n 1)
  [[ -n $found ]] || { echo "no Debian mirror is known: set PADLOCK_DEBIAN_MIRROR" >&2; return 1; }
  echo "${found%/}"
}

# apt_of FOLDER SUITE COMMAND…: a program of apt that sees only one suite, with lists and archives of its own in FOLDER.
apt_of() {
  local folder=$1 suite=$2 program=$3 mirror
  shift 3
  mirror=$(debian_mirror)
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$folder/sources.list"
  "$program" -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists" \
    -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root "$@"
}
