import { hash } from 'node:crypto';
import type { Model } from '../explore.ts';
import { faultsIn, Steps } from '../steps.ts';
import { ActingScaler } from './acting-scaler.ts';
import { callSteps } from './call-steps.ts';
import { ENDED_TERM, leaseSteps, settle } from './lease-steps.ts';
import { sayingOf } from './product.ts';
import { hearingSteps } from './hearing-steps.ts';
import { scalerSteps } from './scaler-steps.ts';
import {
  change,
  FLEET_FAULTS,
  newInstance,
  withoutEntry,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
} from './state.ts';
import { timeSteps } from './time-steps.ts';
import { workerSteps } from './worker-steps.ts';

const PARTS = [
  ...[scalerSteps, hearingSteps, leaseSteps, callSteps, timeSteps, workerSteps],
  imageSteps,
];

/**
 * The fleet protocol (F1 to F8): scalers, one lease, EC2 and its workers. The scaler's decisions are the product's
 * own code. Time does not pass; its effects are steps.
 */
export function fleetModel(bounds: FleetBounds): Model<FleetState> {
  return {
    initial: initialState(bounds),
    next: (state) => {
      const steps = new Steps(state);
      for (const part of PARTS) part(steps, bounds);
      return steps.list.map((step) => ({ ...step, to: withoutForgotten(step.to) }));
    },
    // The text itself would need gigabytes for millions of states.
    key: (state) => hash('sha1', JSON.stringify(state), 'base64'),
    broken: (state) => broken(state, bounds),
    promise: {
      name: 'every image is answered and no instance runs',
      owed: () => true,
      kept: ({ images, instances, late, abandoned }) =>
        (images === 0 || abandoned) &&
        instances.every(({ state }) => state === 'terminated') &&
        late.length === 0,
    },
  };
}

function initialState(bounds: FleetBounds): FleetState {
  const { scalers, firstImages, firstWorkers = 0 } = bounds;
  const empty: FleetState = {
    images: firstImages,
    instances: [],
    object: null,
    late: [],
    ages: {},
    scalers: Array.from({ length: scalers }, () => ({ ...ENDED_TERM, up: true })),
    abandoned: false,
    wrong: '',
    faults: faultsIn(FLEET_FAULTS, bounds),
  };
  const first = new ActingScaler(empty, 0, bounds);
  const held = settle(first, { kind: 'read', object: null }).to;
  const ids = Array.from({ length: firstWorkers }, (_, index) => `i${index + 1}`);
  const idle = { at: 'idle', state: 'working' } as const;
  const instances = ids.map((id) => ({ ...newInstance(id, `of ${id}`, idle), shown: true }));
  const heard = Object.fromEntries(ids.map((id) => [id, sayingOf(idle)]));
  return change(first.become({ heard }, held), { instances });
}

function imageSteps(steps: FleetSteps): void {
  steps.fault('images', 'an image arrives', (spent) => change(spent, { images: spent.images + 1 }));
}

function broken(state: FleetState, { maxWorkers }: FleetBounds): string | undefined {
  const { instances, late, wrong } = state;
  if (wrong !== '') return wrong;
  const living = instances.filter((each) => each.state !== 'terminated').length;
  const launched = new Set(instances.map(({ token }) => token));
  const launches = new Map(
    late.flatMap(({ call }) => (call.kind === 'launch' ? [[call.token, call.count]] : [])),
  );
  const coming = [...launches].reduce(
    (sum, [token, count]) => (launched.has(token) ? sum : sum + count),
    0,
  );
  if (living + coming > maxWorkers) {
    return `above max: ${living} living and ${coming} launches that may still take effect, max ${maxWorkers}`;
  }
  return undefined;
}

/** Drops ended instances and forgotten launches, which cannot affect anything. */
function withoutForgotten(state: FleetState): FleetState {
  const ended = state.instances.some((each) => each.state === 'terminated');
  if (!ended && Object.keys(state.ages).length === 0) return state;
  const { object, late } = state;
  const memories = state.scalers.map(({ memory, lease, calls, writing }) => {
    return [memory, lease, calls, writing];
  });
  const remembered = JSON.stringify([object, late, memories]);
  const isForgotten = (name: string) => !remembered.includes(`"${name}"`);
  const gone = state.instances.filter(
    ({ id, token, state: lives }) =>
      lives === 'terminated' && isForgotten(id) && isForgotten(token),
  );
  const less = <T>(record: Readonly<Record<string, T>>) =>
    gone.reduce((left, { id }) => withoutEntry(left, id), record);
  return change(state, {
    ages: Object.fromEntries(Object.entries(state.ages).filter(([token]) => !isForgotten(token))),
    instances: state.instances.filter((each) => !gone.includes(each)),
    scalers: state.scalers.map((scaler) => {
      const { heard, unheardMs } = scaler;
      return { ...scaler, heard: less(heard), unheardMs: less(unheardMs) };
    }),
  });
}
