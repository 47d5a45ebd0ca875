import { isTransient } from '@labelfleet/aws/errors';
import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeQueuedEvent, type FleetEvent, type RefusalEvent } from '@labelfleet/contracts';
import { consume, nextReceives, type Clock, type Logger } from '@labelfleet/runtime';

export interface ListenerDeps {
  queue: Pick<Queue, 'receive' | 'ack'>;
  /** True while there are no workers, whose silence would have to be measured. */
  idle: () => boolean;
  /** Called after each round of receives, and before `onHeartbeats` for its heartbeats. */
  onReceive: (how: 'emptied' | 'full' | 'failed') => void;
  onHeartbeats: (events: readonly FleetEvent[]) => void;
  onRefusal: (event: RefusalEvent) => void;
  onJobsChanged: () => void;
  onMalformed: () => void;
  log: Pick<Logger, 'warn' | 'error'>;
  clock: Pick<Clock, 'sleep'>;
  /** 0 to 1 */
  random: () => number;
}

const MAX_MESSAGES = 10;
/** Polls are short because silence is measured from poll to poll (F7). */
const POLL_SECONDS = 5;
/** An event ends a poll at once, so that long polls only save calls. */
const IDLE_POLL_SECONDS = 20;
/** Shorter if several poll at the same time, because the messages of one wait for the others. */
const JOINT_POLL_SECONDS = 1;

/**
 * Receives fleet events until aborted, in rounds: after one that may have left messages, with twice as many receives
 * at the same time. A heartbeat that cannot be acknowledged is delivered again, which is harmless; so is a lost one,
 * because the next carries the same state (F5).
 */
export async function listenForFleetEvents(deps: ListenerDeps, signal: AbortSignal): Promise<void> {
  const { queue, idle, onReceive, onHeartbeats, onRefusal, onMalformed, log, clock, random } = deps;
  let receives = 1;
  const consumer = {
    ...{ clock, random },
    receive: async () => {
      const options = {
        maxMessages: MAX_MESSAGES,
        waitSeconds: receives > 1 ? JOINT_POLL_SECONDS : idle() ? IDLE_POLL_SECONDS : POLL_SECONDS,
        visibilityTimeoutSeconds: 30,
      };
      const round = Array.from({ length: receives }, () => queue.receive(options, signal));
      return (await Promise.all(round)).flat();
    },
    handle: async (messages: ReceivedMessage[]) => {
      const isFull = messages.length === receives * MAX_MESSAGES;
      receives = nextReceives(receives, isFull);
      onReceive(isFull ? 'full' : 'emptied');
      const heartbeats: FleetEvent[] = [];
      for (const { body, messageId } of messages) {
        const decoded = decodeQueuedEvent(body);
        if (decoded.kind === 'malformed') {
          onMalformed();
          log.warn(
            { event: 'fleet-event.malformed', messageId, reason: decoded.reason },
            'fleet event malformed',
          );
        } else if (decoded.value.type === 'refused') onRefusal(decoded.value);
        else if (decoded.value.type === 'jobs-changed') deps.onJobsChanged();
        else {
          heartbeats.push(decoded.value);
          warnOfUnhealthy(decoded.value, log);
        }
      }
      if (heartbeats.length > 0) onHeartbeats(heartbeats);
      await Promise.all(messages.map(({ receipt }) => queue.ack(receipt)));
    },
    onFailure: (error: unknown) => {
      receives = 1;
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
