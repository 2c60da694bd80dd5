# Sourced by the service of the machine: sets it up for its exam, and sits it.
# shellcheck shell=bash
set -euo pipefail

export PATH=/srv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root PADLOCK_CACHE=/srv/cache XDG_STATE_HOME=/srv/state
# Sessions get the same from pam_env.
printf '%s=%s\n' PATH "$PATH" PADLOCK_CACHE "$PADLOCK_CACHE" \
  XDG_STATE_HOME "$XDG_STATE_HOME" >/etc/environment
exec node /srv/padlock/e2e/uml/guest/exam.ts "$(cat /host/exam)"
