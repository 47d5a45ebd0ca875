import { decodeFleetSnapshot, FLEET_SNAPSHOT_KEY, type FleetSnapshot } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { pricesFor, type OwnPrice, type ScalingSettings } from '@labelfleet/scaling';
import { CostKeeper } from '../publish/cost-keeper.ts';
import { Actor, type Act } from '../act/act.ts';
import { NOTHING_KNOWN, takeHeartbeat } from '../observe/fleet-knowledge.ts';
import { takeReceive, type Receive } from '../observe/listening-clock.ts';
import { allPlaces, type WorkerPlaces } from '../launch/launch-places.ts';
import { LaunchTemplate } from '../launch/launch-template.ts';
import { Launcher } from '../launch/launcher.ts';
import { LeaseKeeper } from '../lease/lease-keeper.ts';
import { leaseTimes } from '../lease/lease.ts';
import { leasedFleet } from '../act/leased-fleet.ts';
import { Metrics } from '../metrics.ts';
import { SnapshotPublisher } from '../publish/publish-snapshot.ts';
import { workerHour } from '../publish/worker-hour.ts';
import { NOTHING_REFUSED, takeRefusal } from '../observe/refused-demand.ts';
import type { TickLogger } from '../tick/report-tick.ts';
import { createTick } from '../tick/tick.ts';
import { aHeartbeat } from './builders.ts';
import { createFakeCloud, type FakeCloud } from './fake-cloud.ts';

interface Options {
  settings?: Partial<ScalingSettings>;
  places?: Partial<WorkerPlaces>;
  prices?: readonly OwnPrice[];
  /** Replaces the actor. */
  act?: Act;
  /** Receives the log lines of ticks. */
  tickLogger?: TickLogger;
  /** Shared with other scalers. */
  cloud?: FakeCloud;
  /** Prefix of its tokens and nonces if there are several scalers. */
  name?: string;
}

/** A complete scaler on a cloud in memory. Tests run it tick by tick, and its clock moves only with them. */
export function createTestScaler(options: Options = {}) {
  const { settings, places, prices, act, cloud = createFakeCloud(), name = '' } = options;
  const log = createLogger({ app: 'scaler', level: 'silent' });
  const { ec2, s3, calls } = cloud;
  let tokens = 0;
  let nonces = 0;
  const newNonce = () => `${name}nonce-${(nonces += 1)}`;
  const lease = new LeaseKeeper({
    store: s3.store('state'),
    leader: `scaler ${name}`,
    times: leaseTimes(10_000),
    newNonce,
    clock: cloud.clock,
    log,
  });
  const knowledge = { current: NOTHING_KNOWN };
  const refused = { current: NOTHING_REFUSED };
  const fleet = leasedFleet(ec2.fleet, () => lease.leads());
  const given: WorkerPlaces = {
    instanceTypes: undefined,
    subnetIds: undefined,
    markets: ['on-demand'],
    ...places,
  };
  const tried = allPlaces(given);
  const launchTemplate = new LaunchTemplate({
    fleet: ec2.fleet,
    nameOrId: 'worker',
    places: given,
    log,
  });
  const actor = new Actor({
    fleet,
    launcher: new Launcher({
      fleet,
      launchTemplate: 'worker',
      fleetName: 'test',
      places: tried,
      newToken: () => `${name}token-${(tokens += 1)}`,
      random: () => 0,
    }),
    memory: lease,
    newNonce,
    clock: cloud.clock,
    random: () => 0,
  });
  const metrics = new Metrics();
  const store = s3.store('state');
  const rates = { prices: pricesFor('us-east-1', prices), fifo: false };
  const costs = new CostKeeper({
    ...{ store, rates, metrics, log },
    workerHour: () => workerHour(tried, launchTemplate.instanceType, rates.prices),
  });
  const publisher = new SnapshotPublisher(store, costs, { tickMs: 2_000 });
  const ticks: string[] = [];
  const tick = createTick({
    requestQueue: cloud.requestQueue,
    fleet: cloud.listing,
    fleetName: 'test',
    settings: {
      policy: 'per-message',
      minWorkers: 0,
      maxWorkers: 5,
      targetWaitSeconds: 10,
      imagesPerWorker: 5,
      idleBeforeReleaseSeconds: undefined,
      ...settings,
    },
    memory: lease,
    onIdle: (idle) => lease.idle(idle),
    knowledge,
    refused,
    act: act ?? actor.act,
    places: tried,
    newestTemplate: () => launchTemplate.newest(),
    currentTemplate: () => launchTemplate.current(cloud.clock.monotonicMs()),
    publish: (summary, now) => publisher.publish(summary, now),
    metrics,
    tickLog: {
      async append(line) {
        ticks.push(line);
        return { kind: 'appended' };
      },
    },
    log: options.tickLogger ?? log,
    clock: cloud.clock,
  });

  const scaler = {
    ...cloud,
    lease,
    memory: lease,
    metrics,
    /** The record of every tick. */
    ticks,
    /**
     * Runs one tick 2 s after the last one, if this scaler leads or becomes leader. Resolves with its calls that
     * change something.
     */
    async tick(afterSeconds = 2): Promise<string[]> {
      cloud.clock.pass(afterSeconds * 1000);
      calls.length = 0;
      await lease.due();
      if (lease.role === 'leader') await tick();
      return calls.filter((call) => !/^(Describe|Get|Put)/.test(call));
    },
    /** Reads or renews the lease every second, and does nothing else. */
    async standBy(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second += 1) {
        cloud.clock.pass(1000);
        await lease.due();
      }
    },
    /** Receives for this many seconds, leaving the queue empty unless `kind` says otherwise. */
    hear(seconds: number, kind: Receive['kind'] = 'emptied') {
      for (let second = 0; second < seconds; second += 1) {
        cloud.clock.pass(1000);
        const listening = takeReceive(knowledge.current.listening, {
          kind,
          endedAtMs: cloud.clock.unixMs(),
        });
        knowledge.current = { ...knowledge.current, listening };
      }
    },
    /** A heartbeat of the worker on an instance, which is then running. */
    report(id: string, overrides: Parameters<typeof aHeartbeat>[1] = {}) {
      if (cloud.instance(id).state === 'launching') ec2.setState(id, 'running');
      cloud.clock.pass(1);
      const nowMs = cloud.clock.unixMs();
      const event = aHeartbeat(id, { at: new Date(nowMs).toISOString(), ...overrides });
      knowledge.current = takeHeartbeat(knowledge.current, event, nowMs);
    },
    /** A gateway reports refused requests with their Retry-After. */
    refuse(count: number, retryAfterSeconds: number) {
      cloud.clock.pass(1);
      refused.current = takeRefusal(
        refused.current,
        {
          v: 1,
          type: 'refused',
          gatewayId: 'gateway',
          at: new Date(cloud.clock.unixMs()).toISOString(),
          count,
          retryAfterSeconds,
        },
        cloud.clock.unixMs(),
      );
    },
    async snapshot(): Promise<FleetSnapshot | undefined> {
      const object = await s3.store('state').get(FLEET_SNAPSHOT_KEY);
      if (object === null) return undefined;
      const decoded = decodeFleetSnapshot(new TextDecoder().decode(object.body));
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value;
    },
    /** Launches a worker for one image, which it then reports to have been idle without for so long. @returns its id */
    async launchIdleWorker(idleSeconds = 9): Promise<string> {
      cloud.images(1);
      await scaler.tick();
      const [id = ''] = cloud.alive();
      cloud.images(0);
      scaler.report(id, { idleSeconds });
      return id;
    },
  };
  return scaler;
}
