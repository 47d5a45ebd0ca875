import type { Role } from '../history/event.ts';

/** What a call was about, as the local cloud tells it. */
type Facts = Readonly<Record<string, readonly string[]>>;

/** A moment between two calls at which a process can be caught. */
export interface Step {
  name: string;
  role: Exclude<Role, 'local-cloud'>;
  /** The call that it is held in, and whether that has had its effect then. */
  when: 'before' | 'after';
  action: string[];
  match: Record<string, string>;
  /** So seldom come to that it is waited for beside everything else. */
  rare: boolean;
  /** The requests that the process holds then; of the fleet, the launch or the instances. */
  holding: (facts: Facts) => string[];
}

const REQUEST_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** The ids of the requests that texts name. */
export const requestsIn = (texts: readonly string[] = []) => [
  // A body may name its request more than once, as in the key of its image.
  ...new Set(texts.flatMap((text) => text.match(REQUEST_ID) ?? [])),
];
const byKey = (facts: Facts) => requestsIn(facts['key']);
const byBody = (facts: Facts) => requestsIn(facts['body']);

const SEND = ['SendMessage', 'SendMessageBatch'];
const DELETE = ['DeleteMessage', 'DeleteMessageBatch'];
const PUT = ['PutObject'];
const REQUESTS = { queue: 'labelfleet-requests' };
// The calls of a gateway's readiness name no request.
const IMAGES = { bucket: 'labelfleet-input', key: '*/*' };
const REQUEST = { ...REQUESTS, body: '*requestId*' };
const REPLIES = { queue: 'labelfleet-replies-*' };
const RESULTS = { bucket: 'labelfleet-output' };

const RARE = ['after the start is recorded', 'between drained and terminate'];

const at = (
  role: Step['role'],
  name: string,
  when: Step['when'],
  action: string[],
  match: Record<string, string>,
  holding: Step['holding'],
): Step => ({ role, name, when, action, match, holding, rare: RARE.includes(name) });

/** Both sides of every call in which the rules depend on the order. */
export const STEPS: readonly Step[] = [
  at('gateway', 'after the image is stored', 'after', PUT, IMAGES, byKey),
  at('gateway', 'before the send', 'before', SEND, REQUEST, byBody),
  at('gateway', 'after the send', 'after', SEND, REQUEST, byBody),
  at('worker', 'after the start is recorded', 'after', PUT, { key: 'attempts/*' }, byKey),
  at('worker', 'before the result is stored', 'before', PUT, RESULTS, byKey),
  at('worker', 'after the result is stored', 'after', PUT, RESULTS, byKey),
  at('worker', 'after the reply', 'after', SEND, REPLIES, byBody),
  at('worker', 'before the delete', 'before', DELETE, REQUESTS, byBody),
  at('worker', 'after the delete', 'after', DELETE, REQUESTS, byBody),
  at(
    'scaler',
    'between intent and launch',
    'before',
    ['RunInstances'],
    {},
    (facts) => facts['clientToken']?.map((token) => `launch ${token}`) ?? [],
  ),
  at(
    'scaler',
    'after the launch',
    'after',
    ['RunInstances'],
    {},
    (facts) => facts['clientToken']?.map((token) => `launch ${token}`) ?? [],
  ),
  at('scaler', 'between drained and terminate', 'before', ['TerminateInstances'], {}, (facts) => [
    ...(facts['instance'] ?? []),
  ]),
];
