#!/bin/bash
# User data of every instance: fetches the pack of an app, checks it and starts its unit. An instance that cannot do
# so says why on its console, which EC2 keeps, and shuts down; its launch template or its group terminates it.
set -euo pipefail

# Bash, systemd and dotenv read these lines alike, and the local cloud reads them from this text.
cat >/run/labelfleet.env <<'ENV'
@ENVIRONMENT@
ENV

# shellcheck source=/dev/null
. /run/labelfleet.env
export AWS_REGION
home=/opt/labelfleet/$LABELFLEET_APP
pack=/run/labelfleet.tar.gz

fail() {
  trap - ERR
  echo "labelfleet: boot failed: $1" >&2
  [[ ! -x $home/boot-failed.sh ]] || "$home/boot-failed.sh" || true
  shutdown -h now
  exit 1
}
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

# The role may have got its rights seconds ago, and the store may be down for a while.
fetch() {
  local pause=1
  until timeout 60 aws s3 cp --only-show-errors "$PACK_ADDRESS" "$pack"; do
    ((SECONDS + pause < PACK_FETCH_SECONDS)) || return 1
    sleep "$pause"
    pause=$((pause < 8 ? 2 * pause : 8))
  done
}

fetch || fail "$PACK_ADDRESS could not be fetched within $PACK_FETCH_SECONDS s"
sha256sum --check --status <<<"$PACK_SHA256  $pack" || fail "$PACK_ADDRESS does not have SHA-256 $PACK_SHA256"
mkdir -p "$home" /etc/labelfleet
tar -xzf "$pack" -C "$home"
rm "$pack"
install -m 0600 /run/labelfleet.env "/etc/labelfleet/$LABELFLEET_APP.env"
systemctl enable --now "$home/labelfleet-$LABELFLEET_APP.service"
[[ ! -x $home/started.sh ]] || "$home/started.sh"
# The app runs already, and goes on without its logs being sent.
[[ -z ${LOG_GROUP:-} ]] || "$home/logs/send-logs.sh" "$LOG_GROUP" || echo "labelfleet: logs are not sent" >&2
