import { AwsCallError } from '@labelfleet/aws/errors';
import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeRequestMessage } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { answer, type AnswerDeps } from './complete.ts';
import { attemptImage, type AttemptDeps } from './attempt.ts';
import type { CostMeter } from './cost-meter.ts';
import { takeUp, type Delivery, type DeliveryDeps } from './delivery.ts';
import type { ResultStore } from './result-store.ts';
import { isNoAttempt, settle, type Attempt, type Verdict } from './judge-outcome.ts';
import type { Place, Slots } from '../receive/slots.ts';
import { FREE_START, RecordedStart, type StartRecord } from './attempt-record.ts';

export interface RequestDeps extends DeliveryDeps, AttemptDeps, AnswerDeps {
  /** Instance id of this worker. */
  worker: string;
  queue: Pick<Queue, 'ack' | 'retryIn'>;
  results: ResultStore;
  /** The state bucket: records of starts. */
  state: Pick<ObjectStore, 'get' | 'put'>;
  newNonce: () => string;
  classifier: Pick<Classifier, 'reserve' | 'model'>;
  slots: Slots;
  meter: Pick<CostMeter, 'begin'>;
}

/**
 * What became of one received message. `answered`: its result is stored and replied. `given-back`: it
 * becomes visible again. `left`: others may have it. `discarded`: it was no request.
 */
export type Handled = 'answered' | 'given-back' | 'left' | 'discarded';

/**
 * Deals with one received message; has asked for its slot when it returns its promise.
 * @param signal aborted when what is not finished has to be given back
 */
export type HandleRequest = (message: ReceivedMessage, signal: AbortSignal) => Promise<Handled>;

export function createRequestHandler(deps: RequestDeps): HandleRequest {
  const { queue, results, slots, clock, log } = deps;
  let malformedMessages = 0;

  return async (message, signal) => {
    const decoded = decodeRequestMessage(message.body);
    if (decoded.kind === 'malformed') return discard(message, decoded.reason);
    const mayHaveHarmed = message.receiveCount > 1 || decoded.value.resent === true;
    using place = mayHaveHarmed ? slots.alone() : slots.share();
    using meter = deps.meter.begin();
    const delivery = takeUp(message, decoded.value, meter, signal, deps);
    const start = mayHaveHarmed ? recordedStart(decoded.value.requestId) : FREE_START;
    const verdict = await (
      mayHaveHarmed ? workAgain(delivery, place, start) : work(delivery, place, start)
    )
      .catch((error: unknown) => conclude(delivery, start, whyEnded(delivery, error)))
      .finally(() => delivery.hold.stop());
    switch (verdict.kind) {
      case 'answer':
        return 'answered';
      case 'give-back':
        // The hold is released: an extension under way would undo the backoff (P6).
        return giveBack(delivery, verdict.delaySeconds);
      case 'leave':
        delivery.log.warn('left alone: others may have the message by now');
        return 'left';
    }
  };

  function recordedStart(requestId: string): StartRecord {
    return new RecordedStart(requestId, deps.newNonce(), { ...deps, bucket: deps.state });
  }

  /** A request that has been delivered before: its result may be there, or it may kill its worker (P4). */
  async function workAgain(delivery: Delivery, place: Place, start: StartRecord): Promise<Verdict> {
    const { requestId } = delivery.request;
    const standing = await delivery.inPlace('look', () => results.find(requestId));
    if (standing !== null) {
      await answer(delivery, standing, deps);
      return { kind: 'answer', result: standing };
    }
    const verdict = await delivery.inPlace('look-at-starts', () => start.look());
    if (verdict.kind === 'may-start') return work(delivery, place, start);
    return carryOut(delivery, await conclude(delivery, start, verdict));
  }

  async function work(delivery: Delivery, place: Place, start: StartRecord): Promise<Verdict> {
    await place.granted(delivery.signal);
    const attempt = await attemptImage(delivery, start, deps);
    return carryOut(delivery, await conclude(delivery, start, attempt));
  }

  async function carryOut(delivery: Delivery, verdict: Verdict): Promise<Verdict> {
    if (verdict.kind !== 'answer') return verdict;
    const standing = await delivery.inPlace('store', () => results.storeOnce(verdict.result));
    await answer(delivery, standing, deps);
    return verdict;
  }

  async function conclude(
    delivery: Delivery,
    start: StartRecord,
    attempt: Attempt,
  ): Promise<Verdict> {
    const { request, message, receivedAt, hold, meter, log } = delivery;
    const verdict = settle(attempt, {
      request,
      receiveCount: message.receiveCount,
      earlierStarts: start.earlier,
      receivedAt,
      now: clock.unixMs(),
      worker: deps.worker,
      model: deps.classifier.model,
      cost: meter.cost(),
      random: deps.random(),
    });
    if (attempt.kind === 'failed' || attempt.kind === 'unreachable')
      log.error({ error: attempt.error, verdict }, 'attempt failed');
    if (attempt.kind === 'exhausted' || attempt.kind === 'too-early')
      log.warn({ starts: start.earlier, ...attempt }, 'not started: it has been, often enough');
    if (isNoAttempt(attempt)) await withdraw(delivery, start);
    // A backoff, too, is for those to set who have the message now.
    return verdict.kind === 'give-back' && hold.lapsed() ? { kind: 'leave' } : verdict;
  }

  async function withdraw(delivery: Delivery, start: StartRecord): Promise<void> {
    try {
      const outcome = await delivery.inPlace('withdraw-start', () => start.withdraw());
      if (outcome === 'withdrawn') delivery.log.info('start withdrawn');
    } catch (error) {
      delivery.log.error({ error }, 'a start that was given back may stay on record');
    }
  }

  async function giveBack(delivery: Delivery, delaySeconds: number): Promise<Handled> {
    const { message, log } = delivery;
    try {
      const outcome = await queue.retryIn(message.receipt, delaySeconds);
      log.info({ delaySeconds, outcome }, 'given back');
    } catch (error) {
      log.warn({ error }, 'not given back: it comes again when its visibility time-out runs out');
    }
    return 'given-back';
  }

  async function discard(message: ReceivedMessage, reason: string): Promise<Handled> {
    const { messageId, body, receipt } = message;
    malformedMessages++;
    log.error({ messageId, reason, body: body.slice(0, 500), malformedMessages }, 'no request');
    try {
      await queue.ack(receipt);
    } catch (error) {
      log.warn({ messageId, error }, 'not deleted: it comes again');
    }
    return 'discarded';
  }
}

/** Why a delivery ended with an error: the hold and the drain come before whatever call they cut short. */
function whyEnded({ hold, signal, log }: Delivery, error: unknown): Attempt {
  if (hold.lapsed() || signal.aborted) {
    log.warn({ error }, 'cut short');
    return { kind: hold.lapsed() ? 'lapsed' : 'interrupted' };
  }
  return error instanceof AwsCallError ? { kind: 'unreachable', error } : { kind: 'failed', error };
}
