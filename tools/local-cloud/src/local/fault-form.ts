import { kinds } from '../faults/fault.ts';

export const FAULT_KINDS: readonly string[] = kinds;

const TEXTS = [
  'id',
  'action',
  'match.queue',
  'match.bucket',
  'match.key',
  'match.instance',
  'match.clientToken',
  'match.body',
  'match.caller',
  'match.instanceType',
  'match.zone',
  'match.subnet',
  'match.market',
  'code',
  'distribution',
  'when',
];
const NUMBERS = [
  'probability',
  'count',
  'every',
  'seed',
  'expiresInSeconds',
  'seconds',
  'spreadSeconds',
  'slowShare',
  'slowSeconds',
  'status',
  'available',
  'afterSeconds',
  'noticeSeconds',
];

export const FAULT_FIELDS: readonly string[] = [...TEXTS, ...NUMBERS];

/** Common faults, with one button each. */
export const PRESETS: readonly { label: string; fault: object }[] = [
  { label: 'boots take 20 to 40 s', fault: { kind: 'boot-delay', seconds: 20, spreadSeconds: 20 } },
  { label: 'one boot in four fails', fault: { kind: 'boot-failure', probability: 0.25 } },
  { label: 'no capacity', fault: { kind: 'capacity' } },
  { label: 'EC2 throttles half', fault: { kind: 'throttle', action: 'ec2:*', probability: 0.5 } },
  { label: 'Describe is 10 s late', fault: { kind: 'stale-describe', seconds: 10 } },
  { label: 'Spot takes all back', fault: { kind: 'spot-notice' } },
  { label: 'messages come twice', fault: { kind: 'duplicate-delivery', probability: 0.2 } },
  { label: 'SQS errors, 10 %', fault: { kind: 'error', action: 'sqs:*', probability: 0.1 } },
  {
    label: 'S3 errors, 10 %',
    fault: { kind: 'error', action: 's3:*', status: 503, probability: 0.1 },
  },
  {
    label: 'S3 takes 0.5 to 2 s',
    fault: { kind: 'latency', action: 's3:*', seconds: 0.5, spreadSeconds: 1.5 },
  },
  { label: 'replies get lost, 5 %', fault: { kind: 'lost-reply', probability: 0.05 } },
];

/** Returns the fault of a form: a preset by its number, or the non-empty fields. */
export function faultOfForm(form: URLSearchParams): unknown {
  const preset = form.get('preset');
  if (preset !== null) return PRESETS[Number(preset)]?.fault;
  const match: Record<string, string> = {};
  const fault: Record<string, unknown> = { match };
  for (const [name, text] of form) {
    const value = text.trim();
    if (value === '') continue;
    if (name.startsWith('match.')) match[name.slice('match.'.length)] = value;
    else fault[name] = NUMBERS.includes(name) ? Number(value) : value;
  }
  return fault;
}
