import { AwsCallError } from '@labelfleet/aws/errors';
import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { commandLine, EXIT, runCommand, StartError, systemClock } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { connectAccount } from './aws/account.ts';
import { connectBuckets } from './aws/buckets.ts';
import { connectGroups } from './aws/groups.ts';
import { connectStacks } from './aws/stacks.ts';
import { OPTIONS, parseSettings } from './settings.ts';
import { removeData, removeRun, requireConfirmation } from './verbs/down.ts';
import { dataOf, dataStack, runStack, urlOf } from './verbs/names.ts';
import { smokeTest } from './verbs/smoke.ts';
import { statusLines } from './verbs/status.ts';

const USAGE = `Deploys labelfleet in an AWS account. The region is AWS_REGION, or us-east-1.

  npm run aws -- deploy --allow-from CIDR [options]   deploys, or upgrades
  npm run aws -- url | env | status                   address; variables of the data; state
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
--certificate-arn ARN     HTTPS by a load balancer, 16 to 22 USD a month; smoke then needs --url
--alarm-email ADDRESS     --budget USD a month (50)
--dry-run                 of deploy: looks at the account and shows what would change`;

const { fault, parse } = commandLine(USAGE);

await runCommand(() => explainAws(run));

async function run(): Promise<number> {
  const { values, positionals } = parse({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      ...OPTIONS,
      'dry-run': { type: 'boolean' },
      data: { type: 'boolean' },
      confirm: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const {
    'dry-run': dryRun = false,
    data = false,
    confirm,
    url,
    help = false,
    ...options
  } = values;
  const [verb, ...rest] = positionals;
  if (help || verb === undefined) {
    print(USAGE);
    return 0;
  }
  if (rest.length > 0) throw fault(`${rest.join(' ')}: one command at a time`);

  if (url !== undefined && !URL.canParse(url)) throw fault(`--url ${url}: is no URL`);
  const smokeUrl = url === undefined ? undefined : new URL(url);

  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  const fleetName = options.fleet ?? 'labelfleet';
  const stacks = connectStacks(region);
  const { fleet } = connectEc2({ region });
  const sqs = connectSqs({ region });
  const shared = { stacks, fleet, clock: systemClock, tell };
  switch (verb) {
    case 'deploy': {
      const settings = parseSettings(options);
      // It imports the whole CDK, which takes seconds.
      const { deploy } = await import('./verbs/deploy.ts');
      await deploy(settings, { ...shared, region, account: connectAccount(region) }, dryRun);
      return 0;
    }
    case 'url':
      print(urlOf(await stacks.find(runStack(fleetName))).href);
      return 0;
    case 'env': {
      const variables = dataOf(await stacks.find(dataStack(fleetName)));
      for (const [name, value] of Object.entries({ AWS_REGION: region, ...variables })) {
        print(`${name}=${value}`);
      }
      return 0;
    }
    case 'status':
      for (const line of await statusLines(fleetName, {
        ...shared,
        queue: (url) => sqs.queue(url),
      }))
        print(line);
      return 0;
    case 'smoke':
      await smokeTest(
        {
          fleetName,
          url: smokeUrl ?? urlOf(await stacks.find(runStack(fleetName))),
          image: await readFile('examples/ladybug.jpg'),
          expectedLabel: 'ladybug',
        },
        shared,
      );
      return 0;
    case 'down': {
      if (data) requireConfirmation(fleetName, confirm);
      const deps = {
        ...shared,
        groups: connectGroups(region),
        queues: sqs.admin,
        buckets: connectBuckets({ region }),
      };
      await removeRun(fleetName, deps);
      if (data) await removeData(fleetName, deps);
      return 0;
    }
    default:
      throw fault(`${verb}: there is no such command`);
  }
}

/** What AWS answers is for the caller, without a stack. */
async function explainAws(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const isAws =
      error instanceof Error &&
      ('$metadata' in error ||
        error instanceof AwsCallError ||
        error.name === 'CredentialsProviderError');
    if (!isAws) throw error;
    throw new StartError(`${error.name}: ${error.message}`, EXIT.unavailable, { cause: error });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Progress is for a person; standard output is for programs. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
