import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeRequestMessage } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import type { Clock } from '@labelfleet/runtime';
import type { AttemptDeps } from './attempt.ts';
import type { CompleteDeps } from './complete.ts';
import type { ConcludeDeps } from './conclude.ts';
import type { CostMeter } from './cost-meter.ts';
import type { DeliveryDeps } from './delivery.ts';
import type { FinishDeps, Handled } from './finish-delivery.ts';
import { handleFirstDelivery } from './first-delivery.ts';
import { handleRedelivery } from './redelivery.ts';
import type { Slots } from '../receive/slots.ts';

export type { Handled } from './finish-delivery.ts';

export interface RequestDeps
  extends DeliveryDeps, AttemptDeps, CompleteDeps, ConcludeDeps, FinishDeps {
  queue: Pick<Queue, 'ack' | 'retryIn'>;
  /** The state bucket: attempt records. */
  state: Pick<ObjectStore, 'get' | 'put'>;
  newNonce: () => string;
  classifier: Pick<Classifier, 'reserve' | 'model' | 'description'>;
  slots: Slots;
  meter: Pick<CostMeter, 'begin'>;
  clock: Clock;
}

/**
 * Handles one received message; reserves its slot before it returns its promise.
 * @param signal aborted when what is not finished has to be released
 * @param onCompleted called when the result is stored and replied; only the deletion of the message is left then
 */
export type HandleRequest = (
  message: ReceivedMessage,
  signal: AbortSignal,
  onCompleted?: () => void,
) => Promise<Handled>;

export function createRequestHandler(deps: RequestDeps): HandleRequest {
  const { queue, metrics, log } = deps;
  let malformedMessages = 0;

  return async (message, signal, onCompleted = () => undefined) => {
    const ends = { signal, onCompleted };
    const decoded = decodeRequestMessage(message.body);
    if (decoded.kind === 'malformed') return discard(message, decoded.reason);
    const request = decoded.value;
    // A request that was sent again may have been delivered under another message (P7).
    const isRedelivery = message.receiveCount > 1 || request.resent === true;
    return isRedelivery
      ? handleRedelivery(message, request, ends, deps)
      : handleFirstDelivery(message, request, ends, deps);
  };

  async function discard(message: ReceivedMessage, reason: string): Promise<Handled> {
    const { messageId, body, receipt } = message;
    malformedMessages++;
    metrics.deliveries.inc({ outcome: 'discarded' });
    log.error(
      {
        event: 'message.discarded',
        messageId,
        reason,
        body: body.slice(0, 500),
        malformedMessages,
      },
      'message discarded: it is no request',
    );
    try {
      await queue.ack(receipt);
    } catch (error) {
      log.warn(
        { event: 'message.delete-failed', messageId, error },
        'message not deleted: it is redelivered after its visibility timeout',
      );
    }
    return 'discarded';
  }
}
