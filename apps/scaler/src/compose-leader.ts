import { randomUUID } from 'node:crypto';
import { Actor } from './act/act.ts';
import { watchDeadLetters } from './dead-letters/dead-letter-watch.ts';
import { allPlaces } from './launch/launch-places.ts';
import { Launcher } from './launch/launcher.ts';
import { LeaseKeeper } from './lease/lease-keeper.ts';
import { leaseTimes } from './lease/lease.ts';
import { leasedFleet } from './act/leased-fleet.ts';
import { termDeps, type Deps } from './deps.ts';
import { SWEEP_TIMES } from './request-sweep/plan-sweep.ts';
import type { Webhooks } from './dead-letters/notify.ts';
import { RequestRecords } from './dead-letters/request-records.ts';
import { sweepRequests } from './request-sweep/request-sweep.ts';
import { runLease } from './lease/run-lease.ts';
import { composeJobs } from './jobs/compose-jobs.ts';
import { RecentDepth } from './observe/recent-depth.ts';
import { runTerm } from './tick/run-term.ts';

/**
 * Stands by, and while it leads scales the fleet, handles dead letters and sweeps requests. Resolves when it was
 * aborted and all of that has ended.
 */
export async function standByAndLead(
  deps: Deps,
  onRole: (role: LeaseKeeper['role']) => void,
  signal: AbortSignal,
): Promise<void> {
  const { config, s3, log, alive, onLeaseRead, clock } = deps;
  const times = leaseTimes(config.leaseMs);
  const lease = new LeaseKeeper({
    store: s3.store(config.stateBucket),
    leader: randomUUID(),
    times,
    newNonce: randomUUID,
    clock,
    log,
  });
  await runLease(
    {
      lease,
      async act(ending) {
        const term = lease.forCurrentTerm();
        const requests = new RecentDepth(deps.sqs.queue(config.requestQueueUrl), clock);
        await Promise.all([
          scale(deps, term, requests, ending),
          readDeadLetters(deps, ending),
          sweep(deps, term, requests, ending),
        ]);
      },
      everyMs: times.readEveryMs,
      onRole,
      onRead() {
        onLeaseRead(lease.failure);
        // A leader reports to be alive with each tick.
        if (lease.role === 'standby') alive();
      },
      clock,
    },
    signal,
  );
}

type Term = ReturnType<LeaseKeeper['forCurrentTerm']>;

function scale(
  deps: Deps,
  term: Term,
  requestQueue: RecentDepth,
  signal: AbortSignal,
): Promise<void> {
  const { config, sqs, s3 } = deps;
  return runTerm(
    {
      ...termDeps(deps),
      requestQueue,
      eventQueue: sqs.queue(config.fleetEventQueueUrl),
      memory: term,
      act: createActor(deps, term).act,
      stateStore: s3.store(config.stateBucket),
      jobs: composeJobs(deps, { leads: () => term.leads(), webhooks: webhooks(deps), signal }),
      leads: () => term.leads(),
    },
    signal,
  );
}

function readDeadLetters(deps: Deps, signal: AbortSignal): Promise<void> {
  const { config, sqs, metrics, log, clock } = deps;
  return watchDeadLetters(
    {
      deadLetters: sqs.queue(config.deadLetterQueueUrl),
      requests: sqs.queue(config.requestQueueUrl),
      replies: sqs.sender,
      webhooks: webhooks(deps),
      records: requestRecords(deps),
      metrics,
      log,
      clock,
      random: Math.random,
    },
    signal,
  );
}

function sweep(
  deps: Deps,
  term: Term,
  requestQueue: RecentDepth,
  signal: AbortSignal,
): Promise<void> {
  const { config, sqs, s3, metrics, log, clock } = deps;
  const requests = sqs.queue(config.requestQueueUrl);
  return sweepRequests(
    {
      requests: {
        depth: () => requestQueue.recent(),
        send: (message) => requests.send(message),
      },
      replies: sqs.sender,
      webhooks: webhooks(deps),
      input: s3.store(config.inputBucket),
      output: s3.store(config.outputBucket),
      state: s3.store(config.stateBucket),
      records: requestRecords(deps),
      times: SWEEP_TIMES,
      leads: () => term.leads(),
      metrics,
      log,
      clock,
    },
    signal,
  );
}

const webhooks = ({ config: { webhookQueueUrl }, sqs }: Deps): Webhooks =>
  webhookQueueUrl === undefined ? undefined : sqs.queue(webhookQueueUrl);

const requestRecords = ({ config, s3 }: Deps): RequestRecords =>
  new RequestRecords({
    input: s3.store(config.inputBucket),
    output: s3.store(config.outputBucket),
    state: s3.store(config.stateBucket),
  });

function createActor({ config, ec2, launchTemplate, clock }: Deps, term: Term): Actor {
  const leased = leasedFleet(ec2.fleet, () => term.leads());
  const launcher = new Launcher({
    fleet: { ...leased, resolveLaunchTemplate: () => launchTemplate.resolve() },
    launchTemplate: config.workers.launchTemplate,
    fleetName: config.fleetName,
    places: allPlaces(config.workers),
    newToken: randomUUID,
    random: Math.random,
  });
  const newNonce = () => randomUUID().slice(0, 8);
  return new Actor({
    fleet: leased,
    launcher,
    memory: term,
    newNonce,
    clock,
    random: Math.random,
  });
}
