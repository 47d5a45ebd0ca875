import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeEc2, fakeS3 } from '@labelfleet/aws/testing';
import { newestInstruction } from '@labelfleet/contracts';
import { systemClock } from '@labelfleet/runtime';
import type { Backlog } from '@labelfleet/scaling';
import { HeldCalls } from './held-calls.ts';
import { TestClock } from './test-clock.ts';

/** EC2 and S3 in memory with a clock that only tests move, for one scaler or several. */
export function createFakeCloud() {
  /** Every call to EC2 and S3, in order. */
  const calls: string[] = [];
  const broken = new Set<string>();
  const held = new HeldCalls();
  const beforeCall = async (operation: string, resource: string) => {
    calls.push(`${operation} ${resource}`);
    await held.pass(operation);
    if (broken.has(operation) || broken.has(`${operation} ${resource}`)) {
      throw new AwsCallError(operation, { code: 'TimeoutError', message: 'no answer came' });
    }
  };
  const ec2 = fakeEc2({ beforeCall });
  ec2.createLaunchTemplate('worker');
  const s3 = fakeS3({ beforeCall });
  s3.createBucket('state');
  const backlog: Backlog = { visible: 0, inFlight: 0, delayed: 0 };
  const clock = new TestClock(systemClock.unixMs());
  let shown = true;

  const instance = (id: string) => {
    const found = ec2.instances().find(({ instanceId }) => instanceId === id);
    if (found === undefined) throw new Error(`There is no instance ${id}.`);
    return found;
  };
  return {
    ec2,
    s3,
    calls,
    clock,
    instance,
    requestQueue: {
      depth: async () => {
        await beforeCall('GetQueueAttributes', 'requests');
        return { ...backlog };
      },
    },
    listing: {
      async list(key: string, value: string) {
        const instances = await ec2.fleet.list(key, value);
        return shown ? instances : [];
      },
    },
    /** Every call of this operation, or of this operation on this resource, fails without a response. */
    breakCalls: (call: string) => void broken.add(call),
    mendCalls: () => broken.clear(),
    /** The next call of this operation pauses until it is released. */
    hold: (operation: string) => held.hold(operation),
    /** From now on DescribeInstances returns nothing, as it may right after a launch. */
    hideInstances: () => void (shown = false),
    showInstances: () => void (shown = true),
    images(waiting: number, inFlight = 0) {
      backlog.visible = waiting;
      backlog.inFlight = inFlight;
    },
    /** Ids of the instances that are not yet terminated. */
    alive: () =>
      ec2
        .instances()
        .filter(({ state }) => state !== 'terminated')
        .map(({ instanceId }) => instanceId),
    /** The instruction that the worker on an instance reads in its tags. */
    instructionOf: (id: string) => newestInstruction(instance(id).tags),
  };
}

export type FakeCloud = ReturnType<typeof createFakeCloud>;
