import { isNewer, newestInstruction } from '@labelfleet/contracts';
import { sayingOf } from './product.ts';
import {
  change,
  changeInstance,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type Instance,
  type Worker,
} from './state.ts';

/** The next steps and faults of each instance and its worker (F4, F5, F8). */
export function workerSteps(steps: FleetSteps, bounds: FleetBounds): void {
  for (const instance of steps.state.instances) {
    const named = steps.of(instance.id);
    shownSteps(steps, instance, bounds);
    if (instance.state === 'stopping') named.add('ends', terminated(steps.state, instance));
    if (instance.state !== 'running') continue;
    workSteps(named, instance, bounds);
    faultSteps(named, instance);
  }
}

const terminated = (state: FleetState, { id }: Instance) =>
  changeInstance(state, id, { state: 'terminated' });

function shownSteps(
  steps: FleetSteps,
  { id, shown, tags, shownTags }: Instance,
  { without }: FleetBounds,
): void {
  if (!shown) steps.add(`Describe shows ${id}`, changeInstance(steps.state, id, { shown: true }));
  // Listed tags matter only if the rule tagsDecideNothing is left out.
  if (without === 'tagsDecideNothing' && tags !== shownTags) {
    const to = changeInstance(steps.state, id, { shownTags: tags });
    steps.add(`Describe shows the tags of ${id}`, to);
  }
}

/** The state with this worker changed and a new heartbeat to send. */
function become(
  state: FleetState,
  { id, worker }: Instance,
  changes: Partial<Worker>,
  { without }: FleetBounds,
): FleetState {
  const unsaid = without === 'repeatReports' ? { unsaid: true } : {};
  return changeInstance(state, id, { worker: { ...worker, ...changes, ...unsaid } });
}

function workSteps(steps: FleetSteps, instance: Instance, bounds: FleetBounds): void {
  const { worker } = instance;
  const { state } = steps;
  const add = (label: string, changes: Partial<Worker>, from = state) => {
    steps.add(label, become(from, instance, changes, bounds));
  };
  const receives = change(state, { images: state.images - 1 });

  if (worker.at === 'booting') add('has booted', { at: 'idle' });
  if (worker.at === 'idle' && worker.state === 'working' && state.images > 0)
    add('takes an image', { at: 'busy' }, receives);
  if (worker.polls === true && state.images > 0)
    add('takes an image that its last poll brings', { at: 'busy', polls: false }, receives);
  if (worker.at === 'busy') add('answers its image', { at: 'idle' });
  if (worker.at === 'idle' && worker.state === 'draining')
    add('has no images: drained', { state: 'drained' });
  if (worker.at === 'idle' || worker.at === 'busy') readTags(steps, instance, bounds);
  if (worker.at !== 'idle') return;
  const stopped = terminated(state, instance);
  if (worker.blind === true && bounds.without !== 'stopWhenTagsUnreadable')
    steps.add('cannot read its tags: stops', stopped);
  if (state.abandoned && bounds.without !== 'stopWhenAbandoned')
    steps.add('is abandoned: stops', stopped);
}

/** The worker reads its tags and follows the newest instruction. */
function readTags(steps: FleetSteps, instance: Instance, bounds: FleetBounds): void {
  const { tags, worker } = instance;
  const { without } = bounds;
  const instruction = newestInstruction(tags);
  if (instruction === undefined || worker.blind === true || instruction.id === worker.id) return;
  const unordered = without === 'neverGoBack' || without === 'freshIds';
  if (!isNewer(instruction, worker.id) && !unordered) return;
  if (without === 'followNewest' && worker.state === 'drained') return;
  const { kind, id } = instruction;
  const changes = { ...followed(kind, worker, bounds), id };
  steps.add(`reads ${kind} ${id}`, become(steps.state, instance, changes, bounds));
}

/** The effect of an instruction on a worker. */
function followed(
  kind: 'drain' | 'resume',
  worker: Worker,
  { without }: FleetBounds,
): Partial<Worker> {
  if (kind === 'resume') return { state: 'working' };
  if (worker.state === 'drained') return {};
  if (without === 'finishStarted') return { state: 'drained' };
  if (without === 'releaseWhileDraining' && worker.at === 'idle')
    return { state: 'drained', polls: true };
  return { state: 'draining' };
}

function faultSteps(steps: FleetSteps, instance: Instance): void {
  const { id, worker } = instance;
  if (worker.at === 'hung') return;
  const redelivered = (from: FleetState) =>
    worker.at === 'busy' ? change(from, { images: from.images + 1 }) : from;
  steps.fault('hungWorkers', 'hangs', (spent) =>
    changeInstance(redelivered(spent), id, { worker: { ...worker, at: 'hung' } }),
  );
  steps.fault('lostWorkers', 'is lost', (spent) => terminated(redelivered(spent), instance));
  if (worker.at === 'booting') return;
  if (worker.blind !== true)
    steps.fault('blindWorkers', 'cannot read its tags any more', (spent) =>
      changeInstance(spent, id, { worker: { ...worker, blind: true } }),
    );
  // Other late heartbeats can only start or prevent a drain.
  if (worker.state === 'drained')
    steps.fault('lateReports', 'sends a delayed heartbeat that it is drained', (spent) =>
      changeInstance(spent, id, { late: { ...sayingOf(worker), late: true } }),
    );
}
