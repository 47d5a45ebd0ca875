import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { fakeStacks } from '../testing/fake-stacks.ts';
import { ACCESS_OBJECTS, DATA_VARIABLES, outputName } from '../variables.ts';
import { changeAccess } from './change-access.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.createBucket('state');
});
afterAll(() => cloud[Symbol.asyncDispose]());

let printed: string[];
beforeEach(() => {
  for (const [name, value] of Object.entries(cloud.environment)) vi.stubEnv(name, value);
  printed = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const outputs = Object.fromEntries(DATA_VARIABLES.map((name) => [outputName(name), 'state']));
const change = (what: 'keys' | 'webhooks', ...args: string[]) =>
  changeAccess(what, args, {
    region: 'us-east-1',
    stacks: fakeStacks({ 'lf-data': outputs }),
    tell: (line) => printed.push(line),
  });

test.each([['--fleet', 'lf'], ['--fleet=lf']])(
  'changes the keys of the deployment that %s names',
  async (...fleet) => {
    await change('keys', 'add', ...fleet, 'shop', '--images-per-minute', '60');
    expect(printed[0]).toMatch(/^lf_\w+/);
    printed = [];
    await change('keys', 'list', ...fleet);
    expect(printed[0]).toMatch(/^\w+\tshop\t60 images a minute\t/);
    await cloud.s3.store('state').delete(ACCESS_OBJECTS.apiKeys);
  },
);

test('a deployment that is not there has no keys', async () => {
  await expect(change('keys', 'list')).rejects.toMatchObject({ exitCode: 69 });
});

test.each([[], ['put'], ['put', 'a', 'b'], ['list', 'a'], ['add']])(
  'does not guess what webhooks %s means',
  async (...args) => {
    await expect(change('webhooks', '--fleet', 'lf', ...args)).rejects.toMatchObject({
      exitCode: 64,
    });
  },
);
