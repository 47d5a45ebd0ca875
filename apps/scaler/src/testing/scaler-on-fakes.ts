import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeEc2, fakeS3 } from '@labelfleet/aws/testing';
import {
  decodeFleetSnapshot,
  FLEET_SNAPSHOT_KEY,
  newestInstruction,
  type FleetSnapshot,
} from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import type { Backlog, ScalingSettings } from '@labelfleet/scaling';
import { Actor, type Act } from '../act.ts';
import { NOTHING_KNOWN, takeReport } from '../fleet-knowledge.ts';
import { EMPTY_MEMORY } from '../fleet-memory.ts';
import { allPlaces, type WorkerPlaces } from '../launch-places.ts';
import { Launcher } from '../launcher.ts';
import { inMemory } from '../memory-keeper.ts';
import { Metrics } from '../metrics.ts';
import { SnapshotPublisher } from '../publish-snapshot.ts';
import { createTick } from '../tick.ts';
import { aReport } from './builders.ts';

interface Options {
  settings?: Partial<ScalingSettings>;
  places?: Partial<WorkerPlaces>;
  /** Instead of acting. */
  act?: Act;
}

/** A whole scaler, tick by tick, on a cloud in memory and a clock that stands still between ticks. */
export function scalerOnFakes({ settings, places, act }: Options = {}) {
  /** Every call to EC2 and S3, in order. */
  const calls: string[] = [];
  const broken = new Set<string>();
  const intercept = (operation: string, resource: string) => {
    calls.push(`${operation} ${resource}`);
    if (broken.has(operation)) {
      throw new AwsCallError(operation, { code: 'TimeoutError', message: 'no answer came' });
    }
  };
  const ec2 = fakeEc2({ intercept });
  ec2.createLaunchTemplate('worker');
  const s3 = fakeS3({ intercept });
  s3.createBucket('state');

  let nowMs = Date.now();
  let tokens = 0;
  let nonces = 0;
  let shown = true;
  const backlog: Backlog = { visible: 0, inFlight: 0, delayed: 0 };
  const knowledge = { current: NOTHING_KNOWN };
  const memory = inMemory(EMPTY_MEMORY);
  const actor = new Actor({
    fleet: ec2.fleet,
    launcher: new Launcher({
      fleet: ec2.fleet,
      launchTemplate: 'worker',
      fleetName: 'test',
      places: allPlaces({
        instanceTypes: undefined,
        subnetIds: undefined,
        markets: ['on-demand'],
        ...places,
      }),
      newToken: () => `token-${(tokens += 1)}`,
      random: () => 0,
    }),
    memory,
    newNonce: () => `nonce-${(nonces += 1)}`,
    random: () => 0,
  });
  const publisher = new SnapshotPublisher(s3.store('state'));
  const tick = createTick({
    requestQueue: {
      depth: async () => {
        intercept('GetQueueAttributes', 'requests');
        return { ...backlog };
      },
    },
    fleet: { list: async (key, value) => (shown ? await ec2.fleet.list(key, value) : []) },
    fleetName: 'test',
    settings: {
      policy: 'per-message',
      minWorkers: 0,
      maxWorkers: 5,
      imagesPerWorker: 5,
      idleBeforeReleaseSeconds: undefined,
      ...settings,
    },
    memory,
    knowledge,
    act: act ?? actor.act,
    publish: (summary, now) => publisher.publish(summary, now),
    metrics: new Metrics(),
    logger: createLogger({ app: 'scaler', level: 'silent' }),
    now: () => nowMs,
  });

  const instance = (id: string) => {
    const found = ec2.instances().find(({ instanceId }) => instanceId === id);
    if (found === undefined) throw new Error(`There is no instance ${id}.`);
    return found;
  };
  return {
    ec2,
    calls,
    memory,
    /** Every call of this operation fails without an answer. */
    breakCalls: (operation: string) => void broken.add(operation),
    /** From now on Describe shows nothing, as it may right after a launch. */
    hideInstances: () => void (shown = false),
    mendCalls: () => broken.clear(),
    images(waiting: number, inFlight = 0) {
      backlog.visible = waiting;
      backlog.inFlight = inFlight;
    },
    /** One tick, 2 s after the one before; the calls it made. */
    async tick(afterSeconds = 2): Promise<string[]> {
      nowMs += afterSeconds * 1000;
      calls.length = 0;
      await tick();
      return calls.filter((call) => !/^(Describe|Get|Put)/.test(call));
    },
    /** Ids of the instances that are not yet terminated. */
    alive: () =>
      ec2
        .instances()
        .filter(({ state }) => state !== 'terminated')
        .map(({ instanceId }) => instanceId),
    /** What the worker on an instance reads in its tags. */
    instructionOf: (id: string) => newestInstruction(instance(id).tags),
    /** A report of the worker on an instance, which is then running. */
    report(id: string, overrides: Parameters<typeof aReport>[1] = {}) {
      if (instance(id).state === 'launching') ec2.setState(id, 'running');
      nowMs += 1;
      const event = aReport(id, { at: new Date(nowMs).toISOString(), ...overrides });
      knowledge.current = takeReport(knowledge.current, event, nowMs);
    },
    async snapshot(): Promise<FleetSnapshot | undefined> {
      const object = await s3.store('state').get(FLEET_SNAPSHOT_KEY);
      if (object === null) return undefined;
      const decoded = decodeFleetSnapshot(new TextDecoder().decode(object.body));
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value;
    },
  };
}
