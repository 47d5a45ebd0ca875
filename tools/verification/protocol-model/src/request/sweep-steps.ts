import type { Step } from '../explore.ts';
import { answerOf } from './product.ts';
import { judge } from './queue-steps.ts';
import {
  change,
  reply,
  send,
  spend,
  store,
  type Message,
  type RequestBounds,
  type RequestState,
} from './state.ts';

/** An operator purges the request queue; the sweep finds requests without a result and a message (P12). */
export function sweepSteps(state: RequestState, bounds: RequestBounds): Step<RequestState>[] {
  return [...purgeSteps(state), ...sweeps(state, bounds)];
}

/** Messages of workers are deleted too: the workers continue, and have no message to release. */
function purgeSteps(state: RequestState): Step<RequestState>[] {
  const isThere = ({ at }: Message) => at === 'queue' || at === 'flight';
  const spent = state.messages.some(isThere) ? spend(state, 'purges') : undefined;
  if (spent === undefined) return [];
  const messages = state.messages.map((message) =>
    isThere(message) ? ({ at: 'gone', receives: 0, resent: false } as const) : message,
  );
  const to = change(spent, { messages, purged: true });
  return [{ label: 'the queue is purged', to, fault: true }];
}

function sweeps(state: RequestState, { without }: RequestBounds): Step<RequestState>[] {
  const { purged, image, result, messages } = state;
  if (without === 'sweep' || !purged || image !== 'stored' || result !== '') return [];
  const lost = messages.every(({ at }) => at === 'gone');
  // The sweep treats a message that waits for long as lost.
  const from = lost ? state : spend(state, 'earlySweeps');
  if (from === undefined) return [];
  const verdict = judge(from, without);
  switch (verdict.kind) {
    case 'resend': {
      const to = send(from, without !== 'markResent');
      return [{ label: 'the sweep sends the request again', to, fault: !lost }];
    }
    case 'complete': {
      const stored = store(from, answerOf(verdict.result), without);
      const to = stored.result === '' ? stored : reply(stored, stored.result);
      return [{ label: `the sweep answers ${stored.result}`, to, fault: !lost }];
    }
    case 'wait':
    case 'already-completed':
      return [];
  }
}
