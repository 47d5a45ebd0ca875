import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';
import { decide, type Decided } from '../decide.ts';
import type { DecisionMemory, ScalingSettings } from '../decision.ts';
import type { Observation } from '../observation.ts';
import { observationSchema } from './observation-schema.ts';
import { memorySchema, settingsSchema } from './settings-schema.ts';

/** Everything that a decision was made from. */
export interface TickInputs {
  /** Milliseconds since the epoch. */
  now: number;
  settings: ScalingSettings;
  memory: DecisionMemory;
  observation: Observation;
}

const recordSchema = z.object({
  v: z.literal(3),
  now: z.number(),
  settings: settingsSchema,
  memory: memorySchema,
  observation: observationSchema,
  // Only compared, as the text that it is: it must be what it was to the byte.
  decided: z.record(z.string(), z.unknown()),
});

/** One line, without its end: the inputs of a decision and what was decided. */
export function encodeTick(inputs: TickInputs, decided: Decided): string {
  const { now, settings, memory, observation } = inputs;
  return JSON.stringify({ v: 3, now, settings, memory, observation, decided: told(decided) });
}

export interface Replayed {
  inputs: TickInputs;
  /** What was decided, and what is decided now, as JSON; `same` when they do not differ in a byte. */
  recorded: string;
  again: string;
  same: boolean;
  reason: string;
}

/** Decides again from a recorded line. A line that is none, or of another version, is a value. */
export function replayTick(line: string): Decoded<Replayed> {
  const record = decodeJson(recordSchema, line);
  if (record.kind === 'malformed') return record;
  const { now, settings, memory, observation, decided } = record.value;
  const afresh = decide(observation, memory, settings, now);
  const recorded = JSON.stringify(decided);
  const again = JSON.stringify(told(afresh));
  return {
    kind: 'decoded',
    value: {
      inputs: { now, settings, memory, observation },
      recorded,
      again,
      same: recorded === again,
      reason: afresh.reason,
    },
  };
}

/** The memory that a decision leaves stands in the record of the next one. */
const told = ({ decision, reason, terms }: Decided) => ({ decision, reason, terms });
