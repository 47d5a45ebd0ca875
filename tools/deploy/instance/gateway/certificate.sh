#!/bin/bash
# The certificate of DOMAIN, by certbot and HTTP-01. certbot's folder is kept in the state bucket, so that a new
# machine goes on with the certificate and the account of the one before.
#
#   certificate.sh restore   before nginx starts: the stored certificate, or a self-signed one
#   certificate.sh request   asks Let's Encrypt, unless there is a certificate; a timer repeats it until there is one
#   certificate.sh issued    after each issue and renewal: gives the certificate to nginx, and stores it
set -euo pipefail
umask 077

# shellcheck source=/dev/null
. /etc/labelfleet/gateway.env
export AWS_REGION

live=/etc/letsencrypt/live/$DOMAIN
tls=/etc/nginx/tls
webroot=/var/lib/labelfleet-acme
folder=tls/$DOMAIN
file=/run/letsencrypt.tar.gz
archive=s3://$STATE_BUCKET/$folder/letsencrypt.tar.gz
# Let's Encrypt allows five failed validations an hour.
PAUSE_SECONDS=900

say() {
  echo "labelfleet: $1" >&2
}

# Prints key and time of the stored objects; fails if the bucket cannot be read.
list_stored() {
  aws s3api list-objects-v2 --no-paginate --bucket "$STATE_BUCKET" --prefix "$folder/" \
    --query 'Contents[].[Key,LastModified]' --output text
}

has_certificate() {
  [[ -e $live/fullchain.pem ]]
}

give_to_nginx() {
  install -d -m 0755 "$tls"
  install -m 0600 "$live/privkey.pem" "$tls/key.pem"
  install -m 0644 "$live/fullchain.pem" "$tls/certificate.pem"
}

sign_self() {
  install -d -m 0755 "$tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$DOMAIN" \
    -keyout "$tls/key.pem" -out "$tls/certificate.pem" 2>/dev/null
}

# Fails if the bucket cannot be read: then nobody knows whether there is a certificate.
fetch() {
  local stored
  stored=$(list_stored) || return 1
  if grep -q "^$folder/letsencrypt.tar.gz" <<<"$stored"; then
    aws s3 cp --only-show-errors "$archive" "$file" && tar -xzf "$file" -C /etc && rm "$file"
  fi
}

store() {
  tar -czf "$file" -C /etc letsencrypt && aws s3 cp --only-show-errors "$file" "$archive" && rm "$file"
}

# A certificate that is not stored would be requested again by the next machine.
store_surely() {
  for pause in 5 20 60 180 0; do
    if store; then return; fi
    sleep "$pause"
  done
  say "the certificate could not be stored"
  exit 1
}

restore() {
  fetch || say "the state bucket cannot be read; the certificate is looked for again"
  if has_certificate; then give_to_nginx; else sign_self; fi
  install -d -m 0755 "$webroot"
}

request() {
  local stored
  has_certificate || fetch
  has_certificate || ask_lets_encrypt
  give_to_nginx
  systemctl reload nginx.service
  stored=$(list_stored)
  grep -q "^$folder/letsencrypt.tar.gz" <<<"$stored" || store_surely
  systemctl enable --now certbot-renew.timer
  systemctl disable --now labelfleet-certificate.timer
}

issued() {
  give_to_nginx
  systemctl reload nginx.service
  store_surely
}

ask_lets_encrypt() {
  local addresses stored requested
  addresses=$(getent ahostsv4 "$DOMAIN" | awk '{ print $1 }' | sort -u | xargs) || true
  if [[ " $addresses " != *" $ADDRESS "* ]]; then
    say "$DOMAIN resolves to ${addresses:-nothing}. Set its A record to $ADDRESS."
    exit 1
  fi
  # Machines that come and go share this limit, too.
  stored=$(list_stored)
  requested=$(awk -v key="$folder/requested" '$1 == key { print $2 }' <<<"$stored")
  if [[ -n $requested ]] && (($(date +%s) - $(date -d "$requested" +%s) < PAUSE_SECONDS)); then
    say "a certificate was requested at $requested; the next request is $((PAUSE_SECONDS / 60)) min later"
    exit 1
  fi
  # Who cannot store a certificate must not ask for one.
  aws s3 cp --only-show-errors - "s3://$STATE_BUCKET/$folder/requested" <<<"$HOSTNAME"
  certbot certonly --non-interactive --agree-tos --register-unsafely-without-email \
    --webroot --webroot-path "$webroot" --key-type ecdsa --cert-name "$DOMAIN" --domain "$DOMAIN"
  # Renewals run what is in this folder.
  mkdir -p /etc/letsencrypt/renewal-hooks/deploy
  printf '#!/bin/sh\nexec /opt/labelfleet/gateway/certificate.sh issued\n' >/etc/letsencrypt/renewal-hooks/deploy/labelfleet
  chmod 0755 /etc/letsencrypt/renewal-hooks/deploy/labelfleet
}

case $1 in
restore | request | issued) "$1" ;;
*)
  say "$1: there is no such command"
  exit 64
  ;;
esac
