import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { attemptImage } from './attempt.ts';
import { RecordedAttemptEntry } from './attempt-record.ts';
import { replyAndDelete } from './complete.ts';
import { conclude } from './conclude.ts';
import { beginDelivery, type DeliveryEnds } from './delivery.ts';
import { finishDelivery, runSteps, type Handled } from './finish-delivery.ts';
import type { RequestDeps } from './handle-request.ts';

/**
 * Handles a redelivery (P4). The result may be stored already, so it is looked up first. The image may kill
 * the workers that attempt it, so the attempt is recorded and no other image shares the worker meanwhile.
 */
export async function handleRedelivery(
  message: ReceivedMessage,
  request: RequestMessage,
  ends: DeliveryEnds,
  deps: RequestDeps,
): Promise<Handled> {
  const { requestId } = request;
  using slot = deps.slots.exclusive();
  using meter = deps.meter.begin();
  const delivery = beginDelivery(message, request, { slot, meter, ...ends }, deps);
  const entry = new RecordedAttemptEntry(requestId, deps.newNonce(), {
    ...deps,
    bucket: deps.state,
  });

  const verdict = await runSteps(delivery, entry, deps, async () => {
    const result = await delivery.inPlace('find-result', () => deps.results.find(requestId));
    if (result !== null) {
      await replyAndDelete(delivery, result, deps);
      return { kind: 'complete', result };
    }

    const attempts = await delivery.inPlace('read-attempts', () => entry.read());
    if (attempts.kind !== 'may-attempt') return conclude(delivery, entry, attempts, deps);

    await delivery.telemetry.step('wait-for-slot', () => slot.granted(ends.signal));
    const outcome = await attemptImage(delivery, entry, deps);
    return conclude(delivery, entry, outcome, deps);
  });
  return finishDelivery(delivery, verdict, deps);
}
