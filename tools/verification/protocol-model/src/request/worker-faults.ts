import type { Held, Add } from './held.ts';
import {
  change,
  setMessage,
  spend,
  type RequestBounds,
  type RequestFault,
  type RequestState,
} from './state.ts';

/** The faults of a worker that holds the request. */
export function faultSteps(held: Held, bounds: RequestBounds, add: Add): void {
  const { state, worker } = held;
  const { without } = bounds;
  const fault = (name: RequestFault, label: string, to: (spent: RequestState) => RequestState) => {
    const spent = spend(state, name);
    if (spent !== undefined) add(label, to(spent), true);
  };
  const isHeld = !worker.lapsed && state.messages[worker.message]?.at === 'flight';
  const lapse = (from: RequestState) =>
    setMessage(held.become({ lapsed: true }, from), worker.message, { at: 'queue' });
  // A worker that has not started its attempt will notice the lapse.
  const failing = (from: RequestState) => (worker.at === 'recorded' ? from : held.fail(from));
  const started = worker.at === 'working' || worker.at === 'labelled';

  fault('kills', `is killed (${worker.at})`, (spent) => held.leave(held.fail(spent)));
  if (isHeld) {
    fault('lapses', `is slow: its visibility lapses (${worker.at})`, (spent) =>
      lapse(failing(spent)),
    );
    if (without === 'keepInvisible' && worker.at === 'working') {
      add('works for longer than its visibility lasts', lapse(state), true);
    }
  }
  if (worker.at === 'stored') {
    fault('repliesLost', 'replies; the reply is lost', (spent) =>
      held.become({ at: 'replied' }, spent),
    );
  }
  if (started && (!worker.second || without === 'alone')) {
    fault('neighbourDeaths', 'dies of another image', (spent) => held.leave(spent));
  }
  if (worker.at === 'got') {
    fault('releases', 'releases the message without an attempt', (spent) => held.leave(spent));
  }
  if (worker.at === 'labelled' && without === 'outageIsNoAttempt') {
    fault('outages', 'releases the message: the store cannot be reached', (spent) =>
      held.leave(spent),
    );
  }
  if (started) {
    fault('drainDeadlines', 'withdraws its attempt at the drain deadline', (spent) =>
      held.end({ kind: 'interrupted' }, bounds, change(spent, { attempts: spent.attempts - 1 })),
    );
  }
}
