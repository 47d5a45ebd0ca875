import type { Message } from '../sqs/message/message.ts';
import type { Queue } from '../sqs/queue/queue.ts';
import { failEntries } from './batch-entry-faults.ts';
import { sqsFacts } from './call-facts.ts';
import { applyFaults, occasionOf, type ApiCall } from './call-faults.ts';
import type { Faults } from './faults.ts';

type SqsCall = Omit<ApiCall, 'facts'> & {
  readonly input: unknown;
  /** Returns the body of the message of a receipt, if it exists. */
  readonly bodyOf: (queue: string, receipt: string) => string | undefined;
};

/** Runs a call of SQS with its faults, which make the call or some entries of a batch fail. */
export async function runWithFaults(
  faults: Faults,
  sqsCall: SqsCall,
  run: (input: unknown) => object | Promise<object>,
): Promise<object> {
  const { input, bodyOf } = sqsCall;
  const call = { ...sqsCall, facts: sqsFacts(input, bodyOf) };
  await applyFaults(faults, call);
  const { left, failed } = failEntries(faults, input, occasionOf(call));
  if (failed.length === 0) return run(input);
  const output = left === undefined ? { Successful: [] } : await run(left);
  const others =
    'Failed' in output && Array.isArray(output.Failed) ? (output.Failed as object[]) : [];
  return { ...output, Failed: [...others, ...failed] };
}

/** Adds another copy of a delivered message, because a standard queue may deliver a message more than once. */
export function duplicateDelivered(
  faults: Faults,
  call: SqsCall,
  queue: Queue,
  messages: readonly Message[],
): void {
  if (queue.fifo) return; // a FIFO queue has no duplicates
  for (const message of messages) {
    const facts = { queue: [queue.name], message: [message.id] };
    const occasion = occasionOf({ ...call, facts });
    for (const { afterMs } of faults.fire(['duplicate-delivery'], occasion)) {
      queue.duplicate(message, afterMs);
    }
  }
}
