#!/bin/bash
# Runs after the gateway's unit has started: installs nginx in front of it. Once the gateway is ready, this instance
# takes the public address over, and CloudFormation may end the instance that it replaces.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/labelfleet/gateway.env
export AWS_REGION

for pause in 1 2 4 8 16 0; do
  if dnf install -y -q nginx; then break; fi
  sleep "$pause"
done
install -m 0644 /opt/labelfleet/gateway/nginx.conf /etc/nginx/nginx.conf
systemctl enable --now nginx.service

# Its first calls may be denied until IAM has spread the role's rights.
for ((try = 0; try < 90; try++)); do
  if curl -fsS -o /dev/null http://127.0.0.1:8080/readyz; then break; fi
  sleep 2
done
curl -fsS -o /dev/null http://127.0.0.1/readyz

token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
if [[ -n ${ADDRESS_ALLOCATION_ID:-} ]]; then
  aws ec2 associate-address --instance-id "$instance" --allocation-id "$ADDRESS_ALLOCATION_ID" --allow-reassociation
fi
aws cloudformation signal-resource --stack-name "$STACK_NAME" --logical-resource-id "$GROUP_LOGICAL_ID" \
  --unique-id "$instance" --status SUCCESS
