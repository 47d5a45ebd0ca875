import type { Role } from '../history/event.ts';

/** The parameters of a call, as the local cloud reports them. */
type Facts = Readonly<Record<string, readonly string[]>>;

/** The access keys of each role; calls of this program have another. */
export const CALLERS = { gateway: 'gateway-*', scaler: 'scaler-*', worker: 'ASIALOCAL*' } as const;

/** A moment before or after a call at which a process can be held. */
export interface Step {
  name: string;
  role: Exclude<Role, 'local-cloud'>;
  /** The call that is held, before or after its effect. */
  when: 'before' | 'after';
  action: string[];
  match: Record<string, string>;
  /** True for a step that is reached so seldom that it gets a lane to itself. */
  rare: boolean;
  /** The requests that the process holds; for fleet calls, the launch or the instances. */
  holding: (facts: Facts) => string[];
}

const REQUEST_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** All request ids in some texts. */
export const requestsIn = (texts: readonly string[] = []) => [
  // A body may name its request twice, for example in the key of its image.
  ...new Set(texts.flatMap((text) => text.match(REQUEST_ID) ?? [])),
];
const byKey = (facts: Facts) => requestsIn(facts['key']);
const byBody = (facts: Facts) => requestsIn(facts['body']);
const byLaunch = (facts: Facts) => (facts['clientToken'] ?? []).map((token) => `launch ${token}`);

const SEND = ['SendMessage', 'SendMessageBatch'];
const DELETE = ['DeleteMessage', 'DeleteMessageBatch'];
const PUT = ['PutObject'];
const REQUESTS = { queue: 'labelfleet-requests' };
// The pattern leaves out the calls of the gateway's readiness check, whose keys have no folder.
const IMAGES = { bucket: 'labelfleet-input', key: '*/*' };
const REQUEST = { ...REQUESTS, body: '*requestId*' };
const REPLIES = { queue: 'labelfleet-replies-*' };
const RESULTS = { bucket: 'labelfleet-output' };
const BATCHES = { bucket: 'labelfleet-state', key: 'batches/*' };
const OUTBOX = { queue: 'labelfleet-webhooks' };

/** Steps that are reached so seldom that each gets a lane to itself. */
const RARE = [
  'before the batch is stored',
  'before the cancel is stored',
  'before the webhook message is deleted',
  'after the attempt is recorded',
  'before the webhook message is sent',
  'between drained and terminate',
];

const at = (
  role: Step['role'],
  name: string,
  when: Step['when'],
  action: string[],
  match: Record<string, string>,
  holding: Step['holding'],
): Step => ({ role, name, when, action, match, holding, rare: RARE.includes(name) });

/** Before or after every call whose order the rules depend on. */
export const STEPS: readonly Step[] = [
  at('gateway', 'after the image is stored', 'after', PUT, IMAGES, byKey),
  at('gateway', 'before the send', 'before', SEND, REQUEST, byBody),
  at('gateway', 'after the send', 'after', SEND, REQUEST, byBody),
  at('gateway', 'before the batch is stored', 'before', PUT, BATCHES, byKey),
  at('gateway', 'before the cancel is stored', 'before', PUT, RESULTS, byKey),
  at('gateway', 'before the webhook message is deleted', 'before', DELETE, OUTBOX, byBody),
  at('worker', 'after the attempt is recorded', 'after', PUT, { key: 'attempts/*' }, byKey),
  at('worker', 'before the result is stored', 'before', PUT, RESULTS, byKey),
  at('worker', 'after the result is stored', 'after', PUT, RESULTS, byKey),
  at('worker', 'after the reply', 'after', SEND, REPLIES, byBody),
  at('worker', 'before the webhook message is sent', 'before', SEND, OUTBOX, byBody),
  at('worker', 'before the delete', 'before', DELETE, REQUESTS, byBody),
  at('worker', 'after the delete', 'after', DELETE, REQUESTS, byBody),
  at('scaler', 'between intent and launch', 'before', ['RunInstances'], {}, byLaunch),
  at('scaler', 'after the launch', 'after', ['RunInstances'], {}, byLaunch),
  at('scaler', 'between drained and terminate', 'before', ['TerminateInstances'], {}, (facts) => [
    ...(facts['instance'] ?? []),
  ]),
];
