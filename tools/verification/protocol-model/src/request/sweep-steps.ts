import { spend } from '../steps.ts';
import { answerOf } from './product.ts';
import { judge } from './queue-steps.ts';
import {
  change,
  GONE_MESSAGE,
  reply,
  send,
  store,
  type Message,
  type RequestBounds,
  type RequestSteps,
} from './state.ts';

/** An operator purges the request queue; the sweep finds requests without a result and a message (P12). */
export function sweepSteps(steps: RequestSteps, bounds: RequestBounds): void {
  purgeSteps(steps);
  sweeps(steps, bounds);
}

/** Messages of workers are deleted too: the workers continue, and have no message to release. */
function purgeSteps(steps: RequestSteps): void {
  const isThere = ({ at }: Message) => at === 'queue' || at === 'flight';
  if (!steps.state.messages.some(isThere)) return;
  steps.fault('purges', 'the queue is purged', (spent) => {
    const messages = spent.messages.map((each) => (isThere(each) ? GONE_MESSAGE : each));
    return change(spent, { messages, purged: true });
  });
}

function sweeps(steps: RequestSteps, { without }: RequestBounds): void {
  const { purged, image, result, messages } = steps.state;
  if (without === 'sweep' || !purged || image !== 'stored' || result !== '') return;
  const lost = messages.every(({ at }) => at === 'gone');
  // The sweep treats a message that waits for long as lost.
  const from = lost ? steps.state : spend(steps.state, 'earlySweeps');
  if (from === undefined) return;
  const verdict = judge(from, without);
  if (verdict.kind === 'resend')
    steps.add('the sweep sends the request again', send(from, without !== 'markResent'), !lost);
  if (verdict.kind !== 'complete') return;
  const stored = store(from, answerOf(verdict.result), without);
  const to = stored.result === '' ? stored : reply(stored, stored.result);
  steps.add(`the sweep answers ${stored.result}`, to, !lost);
}
