import {
  change,
  send,
  setMessage,
  type Doing,
  type JobBounds,
  type JobState,
  type JobSteps,
  type Message,
} from './state.ts';

/** The next steps of the batch queue for each message, and of the scaler (J8). */
export function queueSteps(steps: JobSteps, bounds: JobBounds): void {
  const { state } = steps;
  state.messages.forEach((message, index) => {
    const name = nameOf(message, index);
    if (message.at === 'queue') deliverySteps(steps, message, index, bounds);
    if (message.at === 'flight' && hasRoom(state, message, bounds))
      steps.fault('duplicates', `${name} is delivered twice`, (spent) => receive(spent, index));
    if (message.at === 'dead' && bounds.without !== 'resendDeadLetters') {
      const gone = setMessage(state, index, { at: 'gone' });
      steps.add(`the scaler sends ${name} again`, send(gone, { ...message, resent: true }));
    }
  });
  const { active, purged, messages, workers } = state;
  const isQuiet = workers.length === 0 && messages.every(({ at }) => at === 'gone');
  if (bounds.without !== 'repair' && purged && active && isQuiet)
    steps.add(
      'the scaler sends the plan message again',
      send(state, { type: 'plan', resent: true }),
    );
}

const nameOf = ({ type, page, chunk }: Message, index: number) =>
  `message ${index + 1} (${type === 'plan' ? 'plan' : `chunk ${page}-${chunk}`})`;

const hasRoom = ({ workers }: JobState, { receives }: Message, bounds: JobBounds) =>
  workers.length < bounds.workers && receives < bounds.mostReceives;

function deliverySteps(steps: JobSteps, message: Message, index: number, bounds: JobBounds): void {
  const { state } = steps;
  const name = nameOf(message, index);
  if (message.receives >= bounds.mostReceives) {
    steps.add(`${name} becomes a dead letter`, setMessage(state, index, { at: 'dead' }));
    return;
  }
  if (hasRoom(state, message, bounds))
    steps.add(`a worker receives ${name}`, receive(state, index));
}

function receive(state: JobState, index: number): JobState {
  const message = state.messages[index];
  if (message === undefined) throw new Error(`no message ${index}`);
  const receives = message.receives + 1;
  const doing: Doing =
    message.type === 'plan'
      ? { kind: 'plan', known: {} }
      : { kind: 'chunk', at: 'got', image: 0, lines: '', recorded: false };
  const worker = { message: index, receive: receives, lapsed: false, doing };
  return change(setMessage(state, index, { at: 'flight', receives }), {
    workers: [...state.workers, worker],
  });
}
