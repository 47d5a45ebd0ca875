import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { ApiError } from '../api-error.ts';
import { callerOf } from './caller.ts';
import type { Faults } from './faults.ts';
import type { Facts, Occasion } from './matches.ts';

const ON_CALLS = ['error', 'throttle', 'latency', 'cut-connection', 'lost-reply', 'hold'] as const;

/** A call rejects with this error after a fault closed its connection, so that no response is sent. */
class ConnectionCut extends Error {}

/** One call of an API and the connection it came by. */
export interface ApiCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The API action, such as `sqs:SendMessage`. */
  readonly action: string;
  readonly facts: Facts;
}

/** Returns the call as faults match it, including its caller. */
export function occasionOf({ request, action, facts }: ApiCall): Occasion {
  return { action, facts: { ...facts, caller: callerOf(request) } };
}

/**
 * Applies the faults of a call before it takes effect. A lost response closes the connection when the response would be
 * sent, which is after the effect is persisted.
 * @throws ApiError to be sent as the response, or ConnectionCut
 */
export async function applyFaults(faults: Faults, call: ApiCall): Promise<void> {
  const { request, response } = call;
  const occasion = occasionOf(call);
  for (const outcome of faults.fire(ON_CALLS, occasion)) {
    switch (outcome.kind) {
      case 'latency':
        await delay(outcome.delayMs, undefined, { ref: false });
        break;
      case 'lost-reply':
        response.writeHead = () => response.destroy();
        break;
      case 'hold': {
        const hold = () =>
          faults.held.hold(request, { ...occasion, fault: outcome.fault }, outcome);
        if (outcome.when === 'after') endLater(response, hold);
        else if ((await hold()) === 'gone') cut(response);
        break;
      }
      case 'cut-connection':
        cut(response);
        break;
      case 'error':
      case 'throttle':
        throw new ApiError(outcome.code, outcome.message, outcome.status);
    }
  }
}

function cut(response: ServerResponse): never {
  response.destroy();
  throw new ConnectionCut();
}

/** Delays the end of a response. A short response is delayed as a whole, because Node sends its head with the end. */
function endLater(response: ServerResponse, wait: () => Promise<unknown>): void {
  const end = response.end.bind(response);
  response.end = (...last: unknown[]) => {
    void wait().then(() => void Reflect.apply(end, undefined, last));
    return response;
  };
}
