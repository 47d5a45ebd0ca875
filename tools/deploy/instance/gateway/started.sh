#!/bin/bash
# Runs after the gateway's unit has started: installs nginx in front of it. Once the gateway is ready, this instance
# takes the public address over, and CloudFormation may end the instance that it replaces. With the address, it can
# prove to Let's Encrypt that DOMAIN is ours.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/labelfleet/gateway.env
export AWS_REGION

home=/opt/labelfleet/gateway
packages=(nginx)
scheme=http
if [[ -n ${DOMAIN:-} ]]; then
  packages+=(certbot openssl)
  scheme=https
fi
for pause in 1 2 4 8 16 0; do
  if dnf install -y -q "${packages[@]}"; then break; fi
  sleep "$pause"
done
install -m 0644 "$home/nginx/nginx.conf" /etc/nginx/nginx.conf
install -D -m 0644 "$home/nginx/locations.conf" /etc/nginx/labelfleet/locations.conf
install -m 0644 "$home/nginx/$scheme.conf" /etc/nginx/labelfleet/server.conf
if [[ $scheme == https ]]; then "$home/certificate.sh" restore; fi
systemctl enable --now nginx.service

# Its first calls may be denied until IAM has spread the role's rights.
for ((try = 0; try < 90; try++)); do
  if curl -fsS -o /dev/null http://127.0.0.1:8080/readyz; then break; fi
  sleep 2
done
# By nginx; its certificate is DOMAIN's.
curl -fsSk -o /dev/null "$scheme://127.0.0.1/readyz"

token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
if [[ -n ${ADDRESS_ALLOCATION_ID:-} ]]; then
  aws ec2 associate-address --instance-id "$instance" --allocation-id "$ADDRESS_ALLOCATION_ID" --allow-reassociation
fi
if [[ $scheme == https ]]; then
  systemctl link "$home/labelfleet-certificate.service"
  systemctl enable --now "$home/labelfleet-certificate.timer"
fi
aws cloudformation signal-resource --stack-name "$STACK_NAME" --logical-resource-id "$GROUP_LOGICAL_ID" \
  --unique-id "$instance" --status SUCCESS
