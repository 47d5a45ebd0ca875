import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import { systemClock } from '@labelfleet/runtime';
import { expect, test } from 'vitest';
import { outdated, rollWorkers } from './roll.ts';

const worker = (
  instanceId: string,
  version: number,
  state: FleetInstance['state'] = 'running',
  launchedAt = 0,
): FleetInstance => ({
  instanceId,
  state,
  launchedAt: new Date(launchedAt),
  instanceType: 'c7g.large',
  market: 'on-demand',
  subnetId: undefined,
  tags: { 'aws:ec2launchtemplate:version': String(version) },
});

test('live workers of older versions are outdated, the oldest first', () => {
  const instances = [
    worker('new', 10),
    worker('second', 9, 'running', 2),
    worker('first', 2, 'launching', 1),
    worker('ending', 9, 'stopping'),
    worker('ended', 9, 'terminated'),
    { ...worker('of unknown version', 0), tags: {} },
  ];
  expect(outdated(instances, '10').map(({ instanceId }) => instanceId)).toEqual([
    'first',
    'second',
  ]);
});

test('a worker is terminated only when the one before has ended', async () => {
  const instances = new Map(
    [worker('a', 1, 'running', 1), worker('b', 1, 'running', 2)].map((each) => [
      each.instanceId,
      each,
    ]),
  );
  const steps: string[] = [];
  let polls = 0;
  const fleet: Pick<Fleet, 'resolveLaunchTemplate' | 'list' | 'terminate'> = {
    resolveLaunchTemplate: async (id) => ({ id, version: '2' }),
    async list() {
      // What is terminated has ended at the second look.
      for (const each of instances.values()) {
        if (each.state === 'stopping' && (polls += 1) % 2 === 0) each.state = 'terminated';
      }
      return [...instances.values()];
    },
    async terminate(id) {
      steps.push(`${id} while ${[...instances.values()].map(({ state }) => state).join()}`);
      const found = instances.get(id);
      if (found !== undefined) found.state = 'stopping';
      return 'terminating';
    },
  };
  await rollWorkers('lf', 'lt-1', { fleet, clock: systemClock, tell: () => undefined }, 1);
  expect(steps).toEqual(['a while running,running', 'b while terminated,running']);
});
