import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeRequestMessage } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { answer, type AnswerDeps } from './answer.ts';
import { attemptImage, type AttemptDeps } from './attempt.ts';
import { takeUp, type Delivery, type DeliveryDeps } from './delivery.ts';
import type { ResultStore } from './result-store.ts';
import { settle, type Attempt, type Verdict } from './settle.ts';
import type { Place, Slots } from './slots.ts';

export interface RequestDeps extends DeliveryDeps, AttemptDeps, AnswerDeps {
  /** Instance id of this worker. */
  worker: string;
  queue: Pick<Queue, 'ack' | 'retryIn'>;
  results: ResultStore;
  classifier: Pick<Classifier, 'classify' | 'model'>;
  slots: Slots;
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
  const { queue, results, slots, time, log } = deps;
  let malformedMessages = 0;

  return async (message, signal) => {
    const decoded = decodeRequestMessage(message.body);
    if (decoded.kind === 'malformed') return discard(message, decoded.reason);
    const mayHaveHarmed = message.receiveCount > 1 || decoded.value.resent === true;
    using place = mayHaveHarmed ? slots.alone() : slots.share();
    const delivery = takeUp(message, decoded.value, signal, deps);
    const verdict = await (mayHaveHarmed ? workAgain(delivery, place) : work(delivery, place))
      .catch((error: unknown) => conclude(delivery, whyEnded(delivery, error)))
      .finally(() => delivery.hold.release());
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

  /** A request that has been delivered before: its result may be there, or it may kill its worker (P4). */
  async function workAgain(delivery: Delivery, place: Place): Promise<Verdict> {
    const { requestId } = delivery.request;
    const standing = await delivery.inPlace('look', () => results.find(requestId));
    if (standing === null) return work(delivery, place);
    await answer(delivery, standing, deps);
    return { kind: 'answer', result: standing };
  }

  async function work(delivery: Delivery, place: Place): Promise<Verdict> {
    await place.granted(delivery.signal);
    const verdict = conclude(delivery, await attemptImage(delivery, deps));
    if (verdict.kind !== 'answer') return verdict;
    const standing = await delivery.inPlace('store', () => results.storeOnce(verdict.result));
    await answer(delivery, standing, deps);
    return verdict;
  }

  function conclude({ request, message, receivedAt, log }: Delivery, attempt: Attempt): Verdict {
    const verdict = settle(attempt, {
      request,
      receiveCount: message.receiveCount,
      receivedAt,
      now: time.now(),
      worker: deps.worker,
      model: deps.classifier.model,
      random: deps.random(),
    });
    if (attempt.kind === 'failed') log.error({ error: attempt.error, verdict }, 'attempt failed');
    return verdict;
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
  if (!hold.lapsed() && !signal.aborted) return { kind: 'failed', error };
  log.warn({ error }, 'cut short');
  return { kind: hold.lapsed() ? 'lapsed' : 'interrupted' };
}
