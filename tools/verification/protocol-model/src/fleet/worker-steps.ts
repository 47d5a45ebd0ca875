import { isNewer, newestInstruction } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import { sayingOf } from './product.ts';
import {
  change,
  changeInstance,
  spend,
  type FleetBounds,
  type FleetFault,
  type FleetState,
  type Instance,
  type Worker,
} from './state.ts';

/** The next steps and faults of each instance and its worker (F4, F5, F8). */
export function workerSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  return state.instances.flatMap((instance) => [
    ...shownSteps(state, instance, bounds),
    ...(instance.state === 'stopping'
      ? [{ label: `${instance.id} ends`, to: terminated(state, instance) }]
      : []),
    ...(instance.state === 'running'
      ? [...workSteps(state, instance, bounds), ...faultSteps(state, instance)]
      : []),
  ]);
}

const terminated = (state: FleetState, { id }: Instance) =>
  changeInstance(state, id, { state: 'terminated' });

function shownSteps(
  state: FleetState,
  { id, shown, tags, shownTags }: Instance,
  { without }: FleetBounds,
) {
  const steps: Step<FleetState>[] = [];
  if (!shown) {
    steps.push({ label: `Describe shows ${id}`, to: changeInstance(state, id, { shown: true }) });
  }
  // Listed tags matter only if the rule tagsDecideNothing is left out.
  if (without === 'tagsDecideNothing' && tags !== shownTags) {
    const to = changeInstance(state, id, { shownTags: tags });
    steps.push({ label: `Describe shows the tags of ${id}`, to });
  }
  return steps;
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

function workSteps(state: FleetState, instance: Instance, bounds: FleetBounds): Step<FleetState>[] {
  const { id, worker } = instance;
  const { without } = bounds;
  const steps: Step<FleetState>[] = [];
  const add = (label: string, changes: Partial<Worker>, from = state) =>
    steps.push({ label: `${id} ${label}`, to: become(from, instance, changes, bounds) });
  const receives = change(state, { images: state.images - 1 });

  if (worker.at === 'booting') add('has booted', { at: 'idle' });
  if (worker.at === 'idle' && worker.state === 'working' && state.images > 0) {
    add('takes an image', { at: 'busy' }, receives);
  }
  if (worker.polls === true && state.images > 0) {
    add('takes an image that its last poll brings', { at: 'busy', polls: false }, receives);
  }
  if (worker.at === 'busy') add('answers its image', { at: 'idle' });
  if (worker.at === 'idle' && worker.state === 'draining') {
    add('has no images: drained', { state: 'drained' });
  }
  if (worker.at === 'idle' || worker.at === 'busy')
    steps.push(...readTags(state, instance, bounds));
  if (worker.at === 'idle') {
    if (worker.blind === true && without !== 'stopWhenTagsUnreadable') {
      steps.push({ label: `${id} cannot read its tags: stops`, to: terminated(state, instance) });
    }
    if (state.abandoned && without !== 'stopWhenAbandoned') {
      steps.push({ label: `${id} is abandoned: stops`, to: terminated(state, instance) });
    }
  }
  return steps;
}

/** The worker reads its tags and follows the newest instruction. */
function readTags(state: FleetState, instance: Instance, bounds: FleetBounds): Step<FleetState>[] {
  const { id, tags, worker } = instance;
  const { without } = bounds;
  const instruction = newestInstruction(tags);
  if (instruction === undefined || worker.blind === true || instruction.id === worker.id) return [];
  const unordered = without === 'neverGoBack' || without === 'freshIds';
  if (!isNewer(instruction, worker.id) && !unordered) return [];
  if (without === 'followNewest' && worker.state === 'drained') return [];
  const label = `${id} reads ${instruction.kind} ${instruction.id}`;
  const follow = (changes: Partial<Worker>) => [
    { label, to: become(state, instance, { ...changes, id: instruction.id }, bounds) },
  ];
  if (instruction.kind === 'resume') return follow({ state: 'working' });
  if (worker.state === 'drained') return follow({});
  if (without === 'finishStarted') return follow({ state: 'drained' });
  if (without === 'releaseWhileDraining' && worker.at === 'idle') {
    return follow({ state: 'drained', polls: true });
  }
  return follow({ state: 'draining' });
}

function faultSteps(state: FleetState, instance: Instance): Step<FleetState>[] {
  const { id, worker } = instance;
  const steps: Step<FleetState>[] = [];
  const fault = (name: FleetFault, label: string, to: (spent: FleetState) => FleetState) => {
    const spent = spend(state, name);
    if (spent !== undefined) steps.push({ label: `${id} ${label}`, to: to(spent), fault: true });
  };
  const redelivered = (from: FleetState) =>
    worker.at === 'busy' ? change(from, { images: from.images + 1 }) : from;
  if (worker.at === 'hung') return [];
  fault('hungWorkers', 'hangs', (spent) =>
    changeInstance(redelivered(spent), id, { worker: { ...worker, at: 'hung' } }),
  );
  fault('lostWorkers', 'is lost', (spent) => terminated(redelivered(spent), instance));
  if (worker.at !== 'booting') {
    if (worker.blind !== true) {
      fault('blindWorkers', 'cannot read its tags any more', (spent) =>
        changeInstance(spent, id, { worker: { ...worker, blind: true } }),
      );
    }
    // Other late heartbeats can only start or prevent a drain.
    if (worker.state === 'drained') {
      fault('lateReports', 'sends a delayed heartbeat that it is drained', (spent) =>
        changeInstance(spent, id, { late: { ...sayingOf(worker), late: true } }),
      );
    }
  }
  return steps;
}
