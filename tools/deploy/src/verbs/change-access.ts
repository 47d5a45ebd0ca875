import { connectS3 } from '@labelfleet/aws/store';
import { runKeys } from '@labelfleet/cli/keys';
import { commandLine } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Stacks } from '../aws/stacks.ts';
import { USAGE } from '../usage.ts';
import { ACCESS_OBJECTS } from '../variables.ts';
import { putReceivers, receiverLines } from './access.ts';
import { dataOf, dataStack } from './names.ts';

const { fault } = commandLine(USAGE);

/** Changes who may call, or where webhooks go. Gateways see it within 10 s. */
export async function changeAccess(
  what: 'keys' | 'webhooks',
  args: string[],
  { region, stacks, tell }: { region: string; stacks: Stacks; tell: (line: string) => void },
): Promise<number> {
  // The options of keys are its own.
  const { values, tokens } = parseArgs({
    args,
    options: { fleet: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const isOfFleet = (at: number) =>
    tokens.some(
      (token) =>
        token.kind === 'option' &&
        token.name === 'fleet' &&
        (token.index === at || (token.inlineValue === false && token.index + 1 === at)),
    );
  const own = args.filter((_, at) => !isOfFleet(at));
  if (own.includes('--help')) {
    return what === 'keys' ? runKeys(own, {}) : help();
  }
  const { fleet = 'labelfleet' } = values;
  const { STATE_BUCKET } = dataOf(await stacks.find(dataStack(String(fleet))));
  if (what === 'keys') {
    const API_KEYS_FILE = `s3://${STATE_BUCKET}/${ACCESS_OBJECTS.apiKeys}`;
    return runKeys(own, { ...process.env, AWS_REGION: region, API_KEYS_FILE });
  }
  const state = connectS3({ region }).store(STATE_BUCKET);
  const [command, file, ...rest] = own;
  if (command === 'list' && file === undefined) {
    for (const line of await receiverLines(state)) process.stdout.write(`${line}\n`);
    return 0;
  }
  if (command !== 'put' || file === undefined || rest.length > 0) {
    throw fault('Give webhooks list, or webhooks put with the name of a file.');
  }
  const names = await putReceivers(state, await readFile(file, 'utf8'));
  tell(`Gateways send to ${names.join(', ') || 'nobody'} within 10 s.`);
  return 0;
}

function help(): number {
  process.stdout.write(`${USAGE}\n`);
  return 0;
}
