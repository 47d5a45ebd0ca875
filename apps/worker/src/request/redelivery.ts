import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { attemptImage } from './attempt.ts';
import { RecordedStart } from './attempt-record.ts';
import { replyAndDelete } from './complete.ts';
import { conclude } from './conclude.ts';
import { takeUp } from './delivery.ts';
import { finishDelivery, runSteps, type Handled } from './finish-delivery.ts';
import type { RequestDeps } from './handle-request.ts';

/**
 * Handles a request that has been delivered before (P4). Its result may be stored already, or its image may
 * kill the workers that attempt it: so the result is looked up first, the attempt is recorded, and it runs
 * with no other image on this worker.
 */
export async function handleRedelivery(
  message: ReceivedMessage,
  request: RequestMessage,
  signal: AbortSignal,
  deps: RequestDeps,
): Promise<Handled> {
  const { requestId } = request;
  using slot = deps.slots.alone();
  using meter = deps.meter.begin();
  const delivery = takeUp(message, request, meter, signal, deps);
  const start = new RecordedStart(requestId, deps.newNonce(), { ...deps, bucket: deps.state });

  const verdict = await runSteps(delivery, start, deps, async () => {
    const result = await delivery.inPlace('look', () => deps.results.find(requestId));
    if (result !== null) {
      await replyAndDelete(delivery, result, deps);
      return { kind: 'answer', result };
    }
    const judged = await delivery.inPlace('look-at-starts', () => start.look());
    if (judged.kind !== 'may-start') return conclude(delivery, start, judged, deps);

    await slot.granted(signal);
    const attempt = await attemptImage(delivery, start, deps);
    return conclude(delivery, start, attempt, deps);
  });
  return finishDelivery(delivery, verdict, deps);
}
