#!/bin/bash
# Runs after the scaler's unit has started. Once the scaler can read its lease, CloudFormation may end the instance
# that this one replaces, whose scaler then gives the lease up.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/labelfleet/scaler.env
export AWS_REGION

# Its first calls may be denied until IAM has spread the role's rights.
for ((try = 0; try < 90; try++)); do
  if curl -fsS -o /dev/null http://127.0.0.1:9090/healthz; then break; fi
  sleep 2
done
curl -fsS -o /dev/null http://127.0.0.1:9090/healthz

token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
aws cloudformation signal-resource --stack-name "$STACK_NAME" --logical-resource-id "$GROUP_LOGICAL_ID" \
  --unique-id "$instance" --status SUCCESS
