import type { Held } from './held.ts';
import { change, setMessage, type RequestState } from './state.ts';

/** The faults of a worker that holds the request. */
export function faultSteps(held: Held): void {
  const { steps, state, worker } = held;
  const { without } = held.bounds;
  const isHeld = !worker.lapsed && state.messages[worker.message]?.at === 'flight';
  const lapse = (from: RequestState) =>
    setMessage(held.become({ lapsed: true }, from), worker.message, { at: 'queue' });
  // A worker that has not started its attempt will notice the lapse.
  const failing = (from: RequestState) => (worker.at === 'recorded' ? from : held.fail(from));
  const leave = (from: RequestState) => held.leave(from);
  const started = worker.at === 'working' || worker.at === 'labelled';

  steps.fault('kills', `is killed (${worker.at})`, (spent) => held.leave(held.fail(spent)));
  if (isHeld) {
    const label = `is slow: its visibility lapses (${worker.at})`;
    steps.fault('lapses', label, (spent) => lapse(failing(spent)));
    if (without === 'keepInvisible' && worker.at === 'working')
      steps.add('works for longer than its visibility lasts', lapse(state), true);
  }
  if (worker.at === 'stored')
    steps.fault('repliesLost', 'replies; the reply is lost', (spent) =>
      held.become({ at: 'replied' }, spent),
    );
  if (started && (!worker.second || without === 'alone'))
    steps.fault('neighbourDeaths', 'dies of another image', leave);
  if (worker.at === 'got')
    steps.fault('releases', 'releases the message without an attempt', leave);
  if (worker.at === 'labelled' && without === 'outageIsNoAttempt')
    steps.fault('outages', 'releases the message: the store cannot be reached', leave);
  if (started)
    steps.fault('drainDeadlines', 'withdraws its attempt at the drain deadline', (spent) =>
      held.end({ kind: 'interrupted' }, change(spent, { attempts: spent.attempts - 1 })),
    );
}
