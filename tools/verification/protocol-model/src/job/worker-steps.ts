import { chunkSteps } from './chunk-steps.ts';
import { completionSteps } from './completion-steps.ts';
import { Held } from './held.ts';
import { planSteps, repairSteps } from './plan-steps.ts';
import { deleteMessage, setMessage, type JobBounds, type JobSteps } from './state.ts';

/** The next steps and faults of each worker that holds a message of the job (J2 to J7). */
export function workerSteps(steps: JobSteps, bounds: JobBounds): void {
  const { workers, messages } = steps.state;
  workers.forEach((worker, index) => {
    const { type, page, chunk } = messages[worker.message] ?? {};
    const what = type === 'plan' ? 'plan' : `chunk ${page}-${chunk}`;
    const lapsed = worker.lapsed ? ', lapsed' : '';
    const held = new Held(
      steps.of(`worker ${index + 1} (${what}, receive ${worker.receive}${lapsed})`),
      worker,
      index,
      bounds,
    );
    regularSteps(held);
    faultSteps(held);
  });
}

function regularSteps(held: Held): void {
  const { steps, state, worker } = held;
  const { doing } = worker;
  switch (doing.kind) {
    case 'plan':
      return planSteps(held, doing.known);
    case 'repair':
      return repairSteps(held, doing.known);
    case 'chunk':
    case 'chunk-done':
      return chunkSteps(held, doing);
    case 'complete':
      return completionSteps(held, doing);
    case 'delete':
      if (worker.lapsed) steps.add('ends; its message is no longer its own', held.leave());
      else steps.add('deletes its message', held.leave(deleteMessage(state, worker.message)));
  }
}

function faultSteps(held: Held): void {
  const { steps, state, worker } = held;
  const { kind } = worker.doing;
  const isHeld = !worker.lapsed && state.messages[worker.message]?.at === 'flight';
  steps.fault('kills', `is killed (${kind})`, (spent) => held.leave(spent));
  if (isHeld)
    steps.fault('lapses', `is slow: its visibility lapses (${kind})`, (spent) =>
      setMessage(held.lapse(spent), worker.message, { at: 'queue' }),
    );
  if (kind !== 'delete')
    steps.fault('releases', `releases its message (${kind})`, (spent) =>
      held.leave(held.withdraw(spent)),
    );
}
