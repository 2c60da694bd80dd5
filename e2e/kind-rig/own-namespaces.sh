# Sourced by engine.sh and podman.sh: a container engine in network, mount and process namespaces of its own. Its bridges are
# reached from this machine over a veth pair, as they are where the engine runs on the machine itself.
#
# They set: state, socket, host_interface, host_address, engine_address and pool.
# shellcheck shell=bash disable=SC2154

lives() { [[ -f $state/pid ]] && kill -0 "$(cat "$state/pid")" 2>/dev/null; }

# start_inside LOG COMMAND ARGUMENT…: runs a shell command inside, with the arguments as $1…, once the veth pair is there.
start_inside() {
  local log=$1 command=$2
  shift 2
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
    '"$command" engine "$state" "$@" >"$state/$log" 2>&1 </dev/null &
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
}

# await_engine LOG COMMAND…: until the command succeeds, or the engine ended, or 20 s are over.
await_engine() {
  local log=$1 waited=0
  shift
  until "$@" >/dev/null 2>&1; do
    if ! lives || ((waited++ > 200)); then tail -n 5 "$state/$log" >&2; exit 3; fi
    sleep 0.1
  done
}

# end_inside CGROUPS: ends the engine with all in it, and removes what it left outside; its control groups are found by a pattern.
end_inside() {
  if lives; then
    local pid
    pid=$(cat "$state/pid")
    kill -KILL "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
  fi
  ip link del "$host_interface" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path "$1" -exec rmdir {} \; 2>/dev/null || true
  rm -f "$state/pid" "$socket" "$state/connected"
}
