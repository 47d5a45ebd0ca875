import { randomUUID } from 'node:crypto';
import { Actor } from './act/act.ts';
import { watchDeadLetters } from './dead-letters/dead-letter-watch.ts';
import { allPlaces } from './launch/launch-places.ts';
import { Launcher } from './launch/launcher.ts';
import { LeaseKeeper } from './lease/lease-keeper.ts';
import { leaseTimes } from './lease/lease.ts';
import { leasedFleet } from './act/leased-fleet.ts';
import { termParts, type Parts } from './deps.ts';
import { SWEEP_TIMES } from './request-sweep/plan-sweep.ts';
import { RequestRecords } from './dead-letters/request-records.ts';
import { sweepRequests } from './request-sweep/request-sweep.ts';
import { runLease } from './lease/run-lease.ts';
import { runTerm } from './tick/run-term.ts';

/**
 * Stands by, and while it holds the lease scales the fleet and answers dead letters; resolves when aborted
 * and nothing of that is left.
 */
export async function holdAndAct(
  parts: Parts,
  onRole: (role: LeaseKeeper['role']) => void,
  signal: AbortSignal,
): Promise<void> {
  const { config, s3, logger, alive, tellLease, wait } = parts;
  const times = leaseTimes(config.leaseMs);
  const lease = new LeaseKeeper({
    store: s3.store(config.stateBucket),
    leader: randomUUID(),
    times,
    newNonce: randomUUID,
    nowMs: () => performance.now(),
    unixMs: Date.now,
    logger,
  });
  await runLease(
    {
      lease,
      async act(ending) {
        const term = lease.forThisTerm();
        await Promise.all([
          scale(parts, term, ending),
          readDeadLetters(parts, ending),
          sweep(parts, term, ending),
        ]);
      },
      everyMs: times.lookEveryMs,
      onRole,
      onLook() {
        tellLease(lease.trouble);
        // A leader is alive by its ticks.
        if (lease.role === 'standby') alive();
      },
      wait,
    },
    signal,
  );
}

type Term = ReturnType<LeaseKeeper['forThisTerm']>;

function scale(parts: Parts, term: Term, signal: AbortSignal): Promise<void> {
  const { config, sqs, s3 } = parts;
  return runTerm(
    {
      ...termParts(parts),
      eventQueue: sqs.queue(config.fleetEventQueueUrl),
      memory: term,
      act: createActor(parts, term).act,
      stateStore: s3.store(config.stateBucket),
      holds: () => term.holds(),
    },
    signal,
  );
}

function readDeadLetters(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, sqs, metrics, logger, wait } = parts;
  return watchDeadLetters(
    {
      deadLetters: sqs.queue(config.deadLetterQueueUrl),
      requests: sqs.queue(config.requestQueueUrl),
      replies: sqs.sender,
      records: requestRecords(parts),
      metrics,
      logger,
      wait,
      now: Date.now,
      random: Math.random,
    },
    signal,
  );
}

function sweep(parts: Parts, term: Term, signal: AbortSignal): Promise<void> {
  const { config, sqs, s3, metrics, logger, wait } = parts;
  return sweepRequests(
    {
      requests: sqs.queue(config.requestQueueUrl),
      replies: sqs.sender,
      input: s3.store(config.inputBucket),
      output: s3.store(config.outputBucket),
      state: s3.store(config.stateBucket),
      records: requestRecords(parts),
      times: SWEEP_TIMES,
      holds: () => term.holds(),
      metrics,
      logger,
      wait,
      now: Date.now,
    },
    signal,
  );
}

const requestRecords = ({ config, s3 }: Parts): RequestRecords =>
  new RequestRecords({
    input: s3.store(config.inputBucket),
    output: s3.store(config.outputBucket),
    state: s3.store(config.stateBucket),
  });

function createActor({ config, ec2, launchTemplate }: Parts, term: Term): Actor {
  const leased = leasedFleet(ec2.fleet, () => term.holds());
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
    unixMs: Date.now,
    random: Math.random,
  });
}
