import * as z from 'zod';

import { ApiError, notServed } from '../../api-error.ts';
import { invalidValue } from '../../parse-input.ts';

/** The attributes of CreateQueue and SetQueueAttributes, with the defaults that SQS documents for CreateQueue. */
const NUMBERS = {
  DelaySeconds: { min: 0, max: 900, preset: 0 },
  MaximumMessageSize: { min: 1024, max: 1_048_576, preset: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, preset: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, preset: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, preset: 30 },
} as const;

const FIFO_CHOICES: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ['true'],
  ContentBasedDeduplication: ['true', 'false'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};

/** Stored and returned without effect, because there is only one account and nothing is encrypted. */
const STORED_ONLY = new Set(['Policy', 'SqsManagedSseEnabled', 'RedriveAllowPolicy']);

export type QueueAttributes = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

const redrivePolicy = z.object({
  deadLetterTargetArn: z.string().min(1),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

/** Parses a boolean in any case, because Python's str() writes `True`. */
const BOOLEANS = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled']);

/** Attributes in stored form, with booleans in lower case as SQS returns them. */
export const normalized = (given: QueueAttributes): QueueAttributes =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      BOOLEANS.has(name) ? value.toLowerCase() : value,
    ]),
  );

/** Checks attributes that a client sets. An empty policy removes the policy. @throws ApiError */
export function checkAttributes(given: QueueAttributes, fifo: boolean): void {
  for (const [name, value] of Object.entries(given)) {
    if (name in NUMBERS) checkNumber(name as keyof typeof NUMBERS, value);
    else if (name in FIFO_CHOICES) checkChoice(name, value, fifo);
    else if (name === 'RedrivePolicy') parseRedrivePolicy(value);
    else if (name === 'SqsManagedSseEnabled' && !/^(true|false)?$/.test(value)) {
      throw invalidAttribute(name);
    } else if (name.startsWith('Kms')) throw notServed(`The queue attribute ${name}`);
    else if (!STORED_ONLY.has(name)) {
      throw new ApiError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
  }
}

function checkNumber(name: keyof typeof NUMBERS, value: string): void {
  const { min, max } = NUMBERS[name];
  if (!/^\d+$/.test(value) || Number(value) < min || Number(value) > max)
    throw invalidAttribute(name);
}

function checkChoice(name: string, value: string, fifo: boolean): void {
  if (!fifo) throw new ApiError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (!FIFO_CHOICES[name]?.includes(value)) throw invalidAttribute(name);
}

function invalidAttribute(name: string): ApiError {
  return new ApiError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

/** Undefined if there is none. */
export function parseRedrivePolicy(value: string | undefined): RedrivePolicy | undefined {
  if (value === undefined || value === '') return undefined;
  try {
    return redrivePolicy.parse(JSON.parse(value));
  } catch {
    throw invalidValue('RedrivePolicy', value, 'It is not a redrive policy in JSON.');
  }
}

export function attributeNumber(attributes: QueueAttributes, name: keyof typeof NUMBERS): number {
  return Number(attributes[name] ?? NUMBERS[name].preset);
}

/** Merges attributes with their defaults for GetQueueAttributes, and omits empty ones. */
export function withDefaults(attributes: QueueAttributes): QueueAttributes {
  const presets = Object.entries(NUMBERS).map(([name, { preset }]) => [name, String(preset)]);
  const shown = {
    ...(Object.fromEntries(presets) as Record<string, string>),
    SqsManagedSseEnabled: 'true',
    ...(attributes['FifoQueue'] === 'true'
      ? {
          ContentBasedDeduplication: 'false',
          DeduplicationScope: 'queue',
          FifoThroughputLimit: 'perQueue',
        }
      : {}),
    ...attributes,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== ''));
}
