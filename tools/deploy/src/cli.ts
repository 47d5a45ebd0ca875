import { AwsCallError } from '@labelfleet/aws/errors';
import { connectEc2 } from '@labelfleet/aws/fleet';
import { connectSqs } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { commandLine, EXIT, runCommand, StartError, systemClock } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { connectAccount } from './aws/account.ts';
import { connectBuckets } from './aws/buckets.ts';
import { connectGroups } from './aws/groups.ts';
import { connectStacks } from './aws/stacks.ts';
import { OPTIONS, parseSettings } from './settings.ts';
import { USAGE } from './usage.ts';
import { openDoorWarning } from './verbs/access.ts';
import { changeAccess } from './verbs/change-access.ts';
import { removeData, removeRun, requireConfirmation } from './verbs/down.ts';
import { dataOf, dataStack, runStack, urlOf } from './verbs/names.ts';
import { smokeTest } from './verbs/smoke.ts';
import { statusLines } from './verbs/status.ts';

const { fault, parse } = commandLine(USAGE);

await runCommand(() => explainAws(run));

async function run(): Promise<number> {
  const [first, ...others] = process.argv.slice(2);
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  if (first === 'keys' || first === 'webhooks') {
    return changeAccess(first, others, { region, stacks: connectStacks(region), tell });
  }
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
      if (dryRun) return 0;
      const { STATE_BUCKET } = dataOf(await stacks.find(dataStack(fleetName)));
      const state = connectS3({ region }).store(STATE_BUCKET);
      const warning = await openDoorWarning(settings.allowFrom, state);
      if (warning !== undefined) tell(warning);
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
          apiKey: process.env['LABELFLEET_API_KEY'],
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
