import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { attempt } from './attempt.ts';
import { Violation, type History } from './history.ts';
import type { Load } from './load.ts';
import type { Random } from '@labelfleet/testkit/random';
import { Register } from './register.ts';

/** Prints its pid and its metadata endpoint at each start, and keeps running. */
export const IMAGES = {
  'ami-1': {
    command: ['/bin/sh', '-c', 'echo $$ $AWS_EC2_METADATA_SERVICE_ENDPOINT; exec sleep 1000'],
  },
};

const MOST_LIVING = 4;
const TAG = 'written';

interface Launched {
  readonly id: string;
  readonly token: string;
  readonly tag: Register;
  terminated: 'no' | 'maybe' | 'yes';
}

/** Launches with tokens that are repeated until answered, tags, terminations, and processes that end while the server is down. */
export function instanceLoad(
  ec2: EC2Client,
  context: { history: History; random: Random; whenUp: () => Promise<void>; dataDir: string },
): Load & { crashOne(): Promise<void> } {
  const { history, random, whenUp, dataDir } = context;
  const launched: Launched[] = [];
  const crashed = new Set<string>();
  let tokens = 0;
  let tags = 0;

  const living = () =>
    launched.filter(({ id, terminated }) => terminated === 'no' && !crashed.has(id));

  async function launch(signal: AbortSignal): Promise<void> {
    const token = `token-${(tokens += 1)}`;
    while (!signal.aborted) {
      await whenUp();
      const result = await attempt(() => ec2.send(new RunInstancesCommand(launchOf(token))));
      const id = result.kind === 'done' ? result.value.Instances?.[0]?.InstanceId : undefined;
      history.note(`instance ${id}`, `launch ${token}: ${result.kind}`);
      if (id === undefined) continue;
      const tag = new Register(`instance ${id}`, 'none');
      launched.push({ id, token, tag, terminated: 'no' });
      return;
    }
  }

  async function tagOne({ id, tag }: Launched): Promise<void> {
    const Value = String((tags += 1));
    const { kind } = await attempt(() =>
      ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: TAG, Value }] })),
    );
    history.note(tag.subject, `tag ${Value}: ${kind}`);
    if (kind !== 'refused') tag.written(Value, kind);
  }

  async function terminate(instance: Launched): Promise<void> {
    instance.terminated = 'maybe';
    const command = new TerminateInstancesCommand({ InstanceIds: [instance.id] });
    const { kind } = await attempt(() => ec2.send(command));
    history.note(instance.tag.subject, `terminate: ${kind}`);
    if (kind === 'done') instance.terminated = 'yes';
  }

  async function look(): Promise<void> {
    const found = await attempt(() => describeAll(ec2));
    if (found.kind !== 'done') return;
    for (const instance of launched) {
      const seen = found.value.filter(({ ClientToken }) => ClientToken === instance.token);
      checkState(instance, seen, crashed);
      instance.tag.read(seen[0]?.Tags?.find(({ Key }) => Key === TAG)?.Value ?? 'none');
    }
  }

  return {
    name: 'instances',
    setUp: async () => {},
    run: async (signal) => {
      while (!signal.aborted) {
        await whenUp();
        const [one] = living();
        if (living().length < MOST_LIVING) await launch(signal);
        else if (one !== undefined && random.chance(0.15)) await terminate(one);
        else for (const instance of living()) await tagOne(instance);
        await look();
      }
    },
    check: async () => {
      await look();
      for (const instance of launched) await checkStarts(instance, ec2, dataDir);
    },
    figures: () => ({ instances: launched.length, tags, crashed: crashed.size }),

    /** Kills the process of an instance. Call it while the server is down. */
    crashOne: async () => {
      for (const { id } of living()) {
        const [first] = await startsOf(id, dataDir);
        if (first === undefined) continue; // it is still booting
        history.note(`instance ${id}`, 'its process is ended');
        crashed.add(id);
        process.kill(first.pid, 'SIGKILL');
        return;
      }
    },
  };
}

const launchOf = (token: string) => ({
  ImageId: 'ami-1',
  MinCount: 1,
  MaxCount: 1,
  InstanceInitiatedShutdownBehavior: 'terminate' as const,
  ClientToken: token,
});

async function describeAll(ec2: EC2Client): Promise<Instance[]> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

function checkState(
  { id, token, terminated }: Launched,
  seen: readonly Instance[],
  crashed: ReadonlySet<string>,
): void {
  const fail = (what: string) => new Violation(`instance ${id}`, what);
  if (seen.length !== 1) throw fail(`${seen.length} instances have the token ${token}`);
  if (seen[0]?.InstanceId !== id) throw fail(`the token ${token} now has another instance`);
  const state = seen[0].State?.Name ?? '';
  const ends = state === 'shutting-down' || state === 'terminated';
  if (terminated === 'yes' && !ends) throw fail(`is ${state} after its termination`);
  if (terminated === 'no' && ends && !crashed.has(id)) throw fail(`is ${state} by itself`);
}

/** Checks that the process was started once and, while it runs, that its metadata endpoint works. */
async function checkStarts(
  { id, terminated }: Launched,
  ec2: EC2Client,
  dataDir: string,
): Promise<void> {
  const starts = await startsOf(id, dataDir);
  const fail = (what: string) => new Violation(`instance ${id}`, what);
  if (starts.length > 1) throw fail(`was started ${starts.length} times`);
  const [instance] = (await describeAll(ec2)).filter(({ InstanceId }) => InstanceId === id);
  const [first] = starts;
  if (first === undefined || terminated !== 'no' || instance?.State?.Name !== 'running') return;
  const told = await instanceIdFrom(first.metadata);
  if (told !== id) throw fail(`its metadata says ${told}`);
}

async function startsOf(id: string, dataDir: string): Promise<{ pid: number; metadata: string }[]> {
  const log = await readFile(join(dataDir, 'logs', `${id}.log`), 'utf8').catch(() => '');
  const lines = log.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [pid, metadata = ''] = line.split(' ');
    return { pid: Number(pid), metadata };
  });
}

async function instanceIdFrom(metadata: string): Promise<string> {
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await fetch(`${metadata}/latest/api/token`, { method: 'PUT', headers: ttl });
  const headers = { 'x-aws-ec2-metadata-token': await token.text() };
  const answer = await fetch(`${metadata}/latest/meta-data/instance-id`, { headers });
  return answer.text();
}
