import type { Model } from '../explore.ts';
import { faultsIn, Steps } from '../steps.ts';
import { gatewaySteps } from './gateway-steps.ts';
import { queueSteps } from './queue-steps.ts';
import { sweepSteps } from './sweep-steps.ts';
import {
  change,
  store,
  withItem,
  REQUEST_FAULTS,
  type RequestBounds,
  type RequestState,
  type RequestSteps,
} from './state.ts';
import { workerSteps } from './worker-steps.ts';

const MOST_ATTEMPTS = 4;
const ATTEMPTS_TO_EXHAUST = 3;

const PARTS = [gatewaySteps, queueSteps, workerSteps, sweepSteps, outsideSteps];

/**
 * The request protocol (P1 to P12) for one request, without time, batches and other requests. The decisions on
 * records, attempts and dead letters are the product's own code.
 */
export function requestModel(bounds: RequestBounds): Model<RequestState> {
  return {
    initial: initialState(bounds),
    next: (state) => {
      const steps = new Steps(state);
      for (const part of PARTS) part(steps, bounds);
      return steps.list;
    },
    key: (state) => JSON.stringify(change(state, { workers: [...state.workers].sort(byContent) })),
    broken,
    promise: {
      name: 'an accepted request answered, with nothing left over',
      // A repeat must get an answer too, because it may be the only client left.
      owed: ({ accepted, gateways }) => accepted || gateways.some(({ at }) => at === 'repeating'),
      kept: ({ result, gateways, messages, workers }) =>
        result !== '' &&
        workers.length === 0 &&
        gateways.every(({ at }) => at !== 'waiting' && at !== 'repeating') &&
        messages.every(({ at }) => at === 'gone'),
    },
  };
}

function initialState(bounds: RequestBounds): RequestState {
  return {
    gateways: Array.from({ length: bounds.gateways }, () => ({ at: 'new', again: false })),
    requests: 0,
    claim: -1,
    markedSent: false,
    sends: 0,
    senders: 1,
    image: 'none',
    accepted: false,
    messages: [],
    workers: [],
    watchOwesSend: false,
    record: [],
    attempts: 0,
    failed: 0,
    result: '',
    replies: [],
    answers: [],
    deadlinePassed: false,
    purged: false,
    wrong: '',
    faults: faultsIn(REQUEST_FAULTS, bounds),
  };
}

function outsideSteps(steps: RequestSteps, { without }: RequestBounds): void {
  const { image, deadlinePassed, accepted } = steps.state;
  if (image === 'stored')
    steps.fault('imagesRemoved', 'the image is removed', (spent) =>
      change(spent, { image: 'removed' }),
    );
  if (!deadlinePassed)
    steps.fault('deadlines', 'the deadline passes', (spent) =>
      change(spent, { deadlinePassed: true }),
    );
  if (accepted)
    steps.fault('cancels', 'a gateway cancels the request', (spent) => {
      const stored = without === 'cancelStored' ? spent : store(spent, 'canceled', without);
      const value = without === 'cancelStored' ? 'canceled' : stored.result;
      return value === '' ? stored : change(stored, { answers: withItem(stored.answers, value) });
    });
}

function broken(state: RequestState): string | undefined {
  const { answers, replies, result, attempts, failed, requests, image, wrong } = state;
  const { sends, senders } = state;
  const given = [...new Set([...answers, ...replies])];
  if (given.length > 1) return `two different answers: ${given.join(' and ')}`;
  if (given[0] !== undefined && given[0] !== result)
    return `answered what is not stored: ${given[0]}`;
  if (attempts > MOST_ATTEMPTS) return `${attempts} attempts`;
  if (result === 'attempts-exhausted' && failed < ATTEMPTS_TO_EXHAUST) {
    return `attempts-exhausted after ${failed} recorded attempts that were killed or failed`;
  }
  if (result === 'image-missing' && image !== 'removed') {
    return 'image-missing for an image that nobody removed';
  }
  if (requests > 1) return `${requests} requests of one idempotency key`;
  if (sends > senders) return `${sends} messages from ${senders} sender${senders === 1 ? '' : 's'}`;
  return wrong === '' ? undefined : wrong;
}

const byContent = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
