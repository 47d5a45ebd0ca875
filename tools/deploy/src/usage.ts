export const USAGE = `Deploys labelfleet in an AWS account. The region is AWS_REGION, or us-east-1.

  npm run aws -- deploy --allow-from CIDR [options]   deploys, or upgrades
  npm run aws -- url | env | status                   address; variables of the data; state
  npm run aws -- keys add CALLER | list | revoke ID   the API keys of callers; keys --help has their limits
  npm run aws -- webhooks put FILE | list             the receivers of webhooks
  npm run aws -- smoke [--url URL]                    sends an image, waits until the fleet is empty
  npm run aws -- down [--data --confirm NAME]         removes what runs, and with --data everything

--allow-from CIDR         the IPv4 addresses that may call the gateway; 0.0.0.0/0 for all
--fleet NAME              of all commands: which deployment (labelfleet)
--model NAME|DIR          of the catalogue, or a model directory (mobilenet-v2)
--min-workers N           --max-workers N (0, 20)
--worker-types LIST       the preferred first (c7g.large,c8g.large)
--worker-market LIST      spot, on-demand or both, the preferred first (on-demand)
--worker-public-ipv4      where SQS is not reached over IPv6
--gateway-type TYPE       --scaler-type TYPE (t4g.small, t4g.micro)
--job-sources LIST        buckets or bucket/folder that jobs may read, besides uploads/ of the input bucket
--job-destinations LIST   where jobs may store results, besides jobs/ of the output bucket
--domain NAME             HTTPS by a certificate of Let's Encrypt, whose terms you accept by this
--certificate-arn ARN     of --domain, in ACM: HTTPS by a load balancer instead, 16 to 22 USD a month
--no-logs                 sends no logs to CloudWatch, where those of a million images cost 0.60 USD
--metrics-from LIST       IPv4 ranges or security groups from which Prometheus reads metrics (nobody)
--alarm-email ADDRESS     --budget USD a month (50)
--dry-run                 of deploy: looks at the account and shows what would change`;
