import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';

import {
  instanceIdFrom,
  launchOne,
  PRINTS_STARTS,
  setTag,
  startsOf,
  terminate,
} from '@labelfleet/testkit/test-instances';
import { attempt, Violation } from './history.ts';
import { repeatAll, type Load, type LoadContext } from './load.ts';
import { Register } from './register.ts';

export const IMAGES = { 'ami-1': PRINTS_STARTS };

const MOST_LIVING = 4;
const TAG = 'written';

interface Launched {
  readonly id: string;
  readonly token: string;
  readonly tag: Register;
  terminated: 'no' | 'maybe' | 'yes';
  /** True if its process was killed while the server was down. */
  crashed: boolean;
}

/** Launches with tokens that are repeated until answered, tags, terminations, and processes that end while the server is down. */
export function instanceLoad(context: LoadContext): Load & { crashOne(): Promise<void> } {
  const { history, random, cloud } = context;
  const { ec2 } = cloud.clients;
  const launched: Launched[] = [];
  let tokens = 0;
  let tags = 0;

  const living = () =>
    launched.filter(({ terminated, crashed }) => terminated === 'no' && !crashed);

  /** Repeats a launch with its token until it is answered. */
  async function launch(signal: AbortSignal): Promise<void> {
    const token = `token-${(tokens += 1)}`;
    while (!signal.aborted) {
      await cloud.whenUp();
      const result = await attempt(() =>
        launchOne(
          { ec2, imageId: 'ami-1' },
          { InstanceInitiatedShutdownBehavior: 'terminate', ClientToken: token },
        ),
      );
      if (result.kind !== 'done') continue;
      const id = result.value;
      history.note(subject(id), `launched by ${token}`);
      const tag = new Register(subject(id), 'none');
      launched.push({ id, token, tag, terminated: 'no', crashed: false });
      return;
    }
  }

  async function tagOne({ id, tag }: Launched): Promise<void> {
    const value = String((tags += 1));
    const { kind } = await history.attempt(subject(id), `tag ${value}`, () =>
      setTag({ ec2 }, id, TAG, value),
    );
    if (kind !== 'refused') tag.written(value, kind);
  }

  async function terminateOne(instance: Launched): Promise<void> {
    const { id } = instance;
    instance.terminated = 'maybe';
    const { kind } = await history.attempt(subject(id), 'terminate', () => terminate({ ec2 }, id));
    if (kind === 'done') instance.terminated = 'yes';
  }

  async function describeAll(): Promise<Instance[]> {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  /** Checks all instances, unless the server is down. */
  async function look(): Promise<void> {
    const found = await attempt(describeAll);
    if (found.kind !== 'done') return;
    for (const instance of launched) {
      const seen = found.value.filter(({ ClientToken }) => ClientToken === instance.token);
      checkState(instance, seen);
      instance.tag.read(seen[0]?.Tags?.find(({ Key }) => Key === TAG)?.Value ?? 'none');
    }
  }

  /** Checks that the process was started once and, while it runs, that its metadata endpoint works. */
  async function checkStarts({ id, terminated }: Launched, all: readonly Instance[]) {
    const [first, ...more] = await startsOf(cloud.dataDir, id);
    if (more.length > 0) throw new Violation(subject(id), `was started ${more.length + 1} times`);
    const state = all.find(({ InstanceId }) => InstanceId === id)?.State?.Name;
    if (first === undefined || terminated !== 'no' || state !== 'running') return;
    const found = await instanceIdFrom(first.metadata);
    if (found !== id) throw new Violation(subject(id), `its metadata says ${found}`);
  }

  return {
    name: 'instances',
    run: (signal) =>
      repeatAll(context, signal, [
        async () => {
          const [one] = living();
          if (living().length < MOST_LIVING) await launch(signal);
          else if (one !== undefined && random.chance(0.15)) await terminateOne(one);
          else for (const instance of living()) await tagOne(instance);
          await look();
        },
      ]),
    check: async () => {
      await look();
      const all = await describeAll();
      for (const instance of launched) await checkStarts(instance, all);
    },
    figures: () => ({
      instances: launched.length,
      tags,
      crashed: launched.filter(({ crashed }) => crashed).length,
    }),

    /** Kills the process of an instance. Call it while the server is down. */
    crashOne: async () => {
      for (const instance of living()) {
        const [first] = await startsOf(cloud.dataDir, instance.id);
        if (first === undefined) continue; // it is still booting
        history.note(subject(instance.id), 'its process is ended');
        instance.crashed = true;
        process.kill(first.pid, 'SIGKILL');
        return;
      }
    },
  };
}

const subject = (id: string) => `instance ${id}`;

function checkState({ id, token, terminated, crashed }: Launched, seen: readonly Instance[]): void {
  const fail = (what: string) => new Violation(subject(id), what);
  if (seen.length !== 1) throw fail(`${seen.length} instances have the token ${token}`);
  if (seen[0]?.InstanceId !== id) throw fail(`the token ${token} now has another instance`);
  const state = seen[0].State?.Name ?? '';
  const ends = state === 'shutting-down' || state === 'terminated';
  if (terminated === 'yes' && !ends) throw fail(`is ${state} after its termination`);
  if (terminated === 'no' && ends && !crashed) throw fail(`is ${state} without a reason`);
}
