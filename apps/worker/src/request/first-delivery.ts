import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { attemptImage } from './attempt.ts';
import { FREE_ATTEMPT } from './attempt-record.ts';
import { conclude } from './conclude.ts';
import { beginDelivery, type DeliveryEnds } from './delivery.ts';
import { finishDelivery, runSteps, type Handled } from './finish-delivery.ts';
import type { RequestDeps } from './handle-request.ts';

/**
 * Handles the first delivery of a request. Its attempt is free (P4): no result is looked up, the attempt is
 * not recorded, and other images share the worker.
 */
export async function handleFirstDelivery(
  message: ReceivedMessage,
  request: RequestMessage,
  ends: DeliveryEnds,
  deps: RequestDeps,
): Promise<Handled> {
  using slot = deps.slots.shared();
  using meter = deps.meter.begin();
  const delivery = beginDelivery(message, request, { slot, meter, ...ends }, deps);

  const verdict = await runSteps(delivery, FREE_ATTEMPT, deps, async () => {
    await delivery.telemetry.step('wait-for-slot', () => slot.granted(ends.signal));
    const outcome = await attemptImage(delivery, FREE_ATTEMPT, deps);
    return conclude(delivery, FREE_ATTEMPT, outcome, deps);
  });
  return finishDelivery(delivery, verdict, deps);
}
