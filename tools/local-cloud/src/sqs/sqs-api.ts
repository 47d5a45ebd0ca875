import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, notServed } from '../api-error.ts';
import type { Faults } from '../faults/faults.ts';
import { duplicateDelivered, runWithFaults } from '../faults/sqs-faults.ts';
import type { Guard } from '../iam/guards.ts';
import { readBody } from '../request-body.ts';
import type { Storage } from '../storage/storage.ts';
import type { Action, ActionContext } from './actions/action.ts';
import { attributeActions } from './actions/attributes.ts';
import { queueActions } from './actions/queues.ts';
import { receiptActions } from './actions/receipts.ts';
import { receiveActions } from './actions/receive.ts';
import { sendActions } from './actions/send.ts';
import { ClientGone } from '../client-gone.ts';
import { protocolOf } from './protocol/protocol-of.ts';
import type { Queues } from './queues.ts';
import { messageIdIn } from './queue/receipt.ts';
import { withoutEmpty } from './without-empty.ts';

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ...queueActions,
  ...attributeActions,
  ...sendActions,
  ...receiveActions,
  ...receiptActions,
]);

export const sqsActions = [...ACTIONS.keys()].map((name) => `sqs:${name}`);

/** The size of a full batch in JSON: 1 MiB of messages at up to six characters per byte, and the JSON around them. */
const MAX_BODY_BYTES = 8 * 1_048_576;

/** Answers SQS calls. */
export function sqsApi(queues: Queues, storage: Storage, faults: Faults, guard?: Guard) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const protocol = protocolOf(request);
    try {
      const body = await readBody(request, MAX_BODY_BYTES);
      const { action: name, input } = protocol.read(request, body);
      const action = ACTIONS.get(name);
      if (action === undefined) throw notServed(`The SQS action ${name}`);
      const denied = guard?.(request, name, input);
      if (denied !== undefined) throw denied;
      const bodyOf = (queue: string, receipt: string) =>
        queues.find(queue)?.find(messageIdIn(receipt))?.body;
      const call = { request, response, action: `sqs:${name}`, input, bodyOf };
      const context: ActionContext = {
        queues,
        watchClient: () => new ClientGone(request),
        committed: () => storage.committed(),
        onDelivery: (queue, messages) => {
          if (!faults.none) duplicateDelivered(faults, call, queue, messages);
        },
      };
      const output = faults.none
        ? await action(input, context)
        : await runWithFaults(faults, call, (left) => action(left, context));
      await storage.committed();
      protocol.send(response, name, withoutEmpty(output));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      protocol.sendError(response, error);
    }
  };
}
