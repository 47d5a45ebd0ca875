import { isTransient } from '@labelfleet/aws/errors';
import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeQueuedEvent, type FleetEvent, type RefusalEvent } from '@labelfleet/contracts';
import { consume, type Clock, type Logger } from '@labelfleet/runtime';

export interface ListenerDeps {
  queue: Pick<Queue, 'receive' | 'ack'>;
  /** Called before `onEvent` for the events of this receive. */
  onReceive: (how: 'emptied' | 'full' | 'failed') => void;
  onEvent: (event: FleetEvent) => void;
  onRefusal: (event: RefusalEvent) => void;
  onMalformed: () => void;
  log: Pick<Logger, 'warn' | 'error'>;
  clock: Pick<Clock, 'sleep'>;
  /** 0 to 1 */
  random: () => number;
}

/** Polls are short because silence is measured from poll to poll (F7). */
const RECEIVE = { maxMessages: 10, waitSeconds: 5, visibilityTimeoutSeconds: 30 };

/**
 * Receives fleet events until aborted. A heartbeat that cannot be acknowledged is delivered again, which is
 * harmless; so is a lost one, because the next carries the same state (F5).
 */
export async function listenForFleetEvents(deps: ListenerDeps, signal: AbortSignal): Promise<void> {
  const { queue, onReceive, onEvent, onRefusal, onMalformed, log, clock, random } = deps;
  const consumer = {
    ...{ clock, random },
    receive: () => queue.receive(RECEIVE, signal),
    handle: async (messages: ReceivedMessage[]) => {
      onReceive(messages.length < RECEIVE.maxMessages ? 'emptied' : 'full');
      for (const { body, messageId } of messages) {
        const decoded = decodeQueuedEvent(body);
        if (decoded.kind === 'malformed') {
          onMalformed();
          log.warn(
            { event: 'fleet-event.malformed', messageId, reason: decoded.reason },
            'fleet event malformed',
          );
        } else if (decoded.value.type === 'refused') onRefusal(decoded.value);
        else {
          onEvent(decoded.value);
          warnOfUnhealthy(decoded.value, log);
        }
      }
      await Promise.all(messages.map(({ receipt }) => queue.ack(receipt)));
    },
    onFailure: (error: unknown) => {
      onReceive('failed');
      const level = isTransient(error) ? 'warn' : 'error';
      log[level]({ event: 'fleet-event.receive-failed', error }, 'fleet events not received');
    },
  };
  await consume(consumer, signal);
}

/**
 * Unhealthy workers are replaced as demand needs, so without this line a fleet could lose worker after worker
 * unnoticed.
 */
function warnOfUnhealthy(event: FleetEvent, log: Pick<Logger, 'error'>): void {
  if (event.type !== 'stopped' || event.unhealthy !== true) return;
  const { instanceId, reason } = event;
  log.error({ event: 'worker.unhealthy', instanceId, reason }, 'worker ended as unhealthy');
}
