import type { ReceivedMessage } from '@labelfleet/aws/queue';
import type { RequestMessage } from '@labelfleet/contracts';
import { attemptImage } from './attempt.ts';
import { FREE_START } from './attempt-record.ts';
import { conclude } from './conclude.ts';
import { takeUp } from './delivery.ts';
import { finishDelivery, runSteps, type Handled } from './finish-delivery.ts';
import type { RequestDeps } from './handle-request.ts';

/** Handles the first delivery of a request. Its attempt is free: nothing is read first, nothing is recorded (P4). */
export async function handleFirstDelivery(
  message: ReceivedMessage,
  request: RequestMessage,
  signal: AbortSignal,
  deps: RequestDeps,
): Promise<Handled> {
  using slot = deps.slots.share();
  using meter = deps.meter.begin();
  const delivery = takeUp(message, request, meter, signal, deps);

  const verdict = await runSteps(delivery, FREE_START, deps, async () => {
    await slot.granted(signal);
    const attempt = await attemptImage(delivery, FREE_START, deps);
    return conclude(delivery, FREE_START, attempt, deps);
  });
  return finishDelivery(delivery, verdict, deps);
}
