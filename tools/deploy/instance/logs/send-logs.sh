#!/bin/bash
# Sends what an app logs to the group LOG_GROUP of CloudWatch. Runs after the app has started, which must not wait for
# it. The agent of Amazon Linux reads files, so a unit copies the journal into one.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
ctl=/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl

for pause in 1 2 4 8 16 0; do
  if nice -n 19 dnf install -y -q amazon-cloudwatch-agent; then break; fi
  sleep "$pause"
done
ln -sfn "$here" /opt/labelfleet/logs
systemctl enable --now "$here/labelfleet-logs.service"
sed "s|@LOG_GROUP@|$1|" "$here/agent.json" >/etc/labelfleet/cloudwatch-agent.json
"$ctl" -a fetch-config -m ec2 -s -c file:/etc/labelfleet/cloudwatch-agent.json
